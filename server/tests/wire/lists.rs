//! Many employees at once: all of them, page by page, in order, filtered.

use std::collections::BTreeSet;

use reqwest::Method;
use roster_common::{Field, Query};
use roster_server::sample;
use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

/// Somebody who may do everything, among so many invented employees.
async fn among(count: u64) -> (Server, Person) {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    let lines: Vec<_> = sample::employees(count, 5)
        .map(|changes| serde_json::to_string(&changes).unwrap())
        .collect();
    let import = ada
        .ask(Method::POST, "/employees/import")
        .body("application/x-ndjson", lines.join("\n"));
    assert_eq!(import.await.expect(200).json()["created"], count);
    (server, ada)
}

/// Somebody who may do everything, among these.
async fn among_these(people: &[Value]) -> (Server, Person) {
    let server = Server::start().await;
    let ada = server.sign_in("ada").await;
    for person in people {
        ada.post("/employees", person.clone()).await.expect(201);
    }
    (server, ada)
}

fn ids(answer: &Answer) -> Vec<u64> {
    answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|employee| employee["id"].as_u64().unwrap())
        .collect()
}

/// The ids that a query finds, which a list of all and a page must find alike.
async fn found(who: &Person, query: &str) -> Vec<u64> {
    let all = ids(&who.get(&format!("/employees?{query}")).await.expect(200));
    let page = who
        .get(&format!("/employees?{query}&limit=1000"))
        .await
        .expect(200);
    assert_eq!(
        page.header("x-total-count"),
        Some(all.len().to_string().as_str())
    );
    assert_eq!(ids(&page), all, "{query}");
    all
}

/// Where a `Link` header says that another page is.
fn link(answer: &Answer, relation: &str) -> Option<String> {
    let links = answer.header("link").unwrap();
    let end = links.find(&format!(">; rel=\"{relation}\""))?;
    let start = links[..end].rfind('<').unwrap();
    Some(links[start + 1..end].to_owned())
}

#[tokio::test]
async fn without_a_limit_all_come_in_each_format() {
    let (_server, ada) = among(700).await;
    let list = |media_type: &'static str| ada.get("/employees").header("Accept", media_type);
    let json = ada.get("/employees").await.expect(200);
    assert_eq!(json.header("content-type"), Some("application/json"));
    assert_eq!(ids(&json), (1..=700).collect::<Vec<_>>());
    assert_eq!(
        (json.header("content-length"), json.header("link")),
        (None, None)
    );

    let ndjson = list("application/x-ndjson").await.expect(200);
    assert_eq!(ndjson.header("content-type"), Some("application/x-ndjson"));
    let text = ndjson.text();
    assert!(text.ends_with("}\n"));
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(Value::from(lines), json.json());

    let csv = list("text/csv").await.expect(200);
    assert_eq!(
        csv.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let text = csv.text();
    assert!(text.starts_with(
        "id,firstname,lastname,email,phone,title,department,location,manager,status,hired,number,notes,version,"
    ));
    assert_eq!(text.lines().count(), 701);
}

#[tokio::test]
async fn an_export_is_an_import_of_the_same_people() {
    let (_server, ada) = among(300).await;
    let csv = ada
        .get("/employees")
        .header("Accept", "text/csv")
        .await
        .expect(200)
        .text();
    let elsewhere = Server::start().await;
    let eve = elsewhere.sign_in("eve").await;
    eve.ask(Method::POST, "/employees/import")
        .body("text/csv", csv)
        .await
        .expect(200);
    let details = |list: Value| {
        let list = list.as_array().unwrap().clone();
        let people = list.into_iter().map(|mut person| {
            let person = person.as_object_mut().unwrap();
            for given in ["created", "updated", "updatedBy"] {
                person.remove(given);
            }
            Value::Object(person.clone())
        });
        people.collect::<Vec<_>>()
    };
    assert_eq!(
        details(eve.get("/employees").await.json()),
        details(ada.get("/employees").await.json())
    );
}

#[tokio::test]
async fn the_format_follows_the_accept_header() {
    let (_server, ada) = among(3).await;
    for (accept, media_type) in [
        ("*/*", "application/json"),
        ("text/html, application/json;q=0.9", "application/json"),
        ("text/*", "text/csv; charset=utf-8; header=present"),
        ("application/x-ndjson, */*", "application/x-ndjson"),
        ("", "application/json"),
    ] {
        for path in ["/employees", "/employees?limit=2"] {
            let answer = ada.get(path).header("Accept", accept).await.expect(200);
            assert_eq!(answer.header("content-type"), Some(media_type), "{accept}");
        }
    }
    ada.get("/employees")
        .header("Accept", "image/png")
        .await
        .refused(406, "not_acceptable", "none");
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let server = Server::start().await;
    let vic = server.sign_in("vic").await;
    assert_eq!(vic.get("/employees").await.expect(200).text(), "[]");
    let page = vic.get("/employees?limit=10").await.expect(200);
    assert_eq!(
        (page.text().as_str(), page.header("x-total-count")),
        ("[]", Some("0"))
    );
    assert_eq!((link(&page, "next"), link(&page, "prev")), (None, None));
    assert_eq!(
        vic.get("/employees")
            .header("Accept", "application/x-ndjson")
            .await
            .expect(200)
            .text(),
        ""
    );
    assert_eq!(
        vic.get("/employees")
            .header("Accept", "text/csv")
            .await
            .expect(200)
            .text()
            .lines()
            .count(),
        1
    );
}

#[tokio::test]
async fn following_next_links_visits_every_employee_once() {
    let (_server, ada) = among(230).await;
    for query in [
        "limit=50",
        "limit=7&sort=lastname,-hired",
        "limit=23&sort=-department",
        "limit=9&sort=manager&q=status:active",
    ] {
        let mut path = Some(format!("/employees?{query}"));
        let mut met = Vec::new();
        let mut total = None;
        while let Some(next) = path {
            let page = ada.get(&next).await.expect(200);
            met.extend(ids(&page));
            total = page
                .header("x-total-count")
                .map(|total| total.parse::<usize>().unwrap());
            path = link(&page, "next");
        }
        assert_eq!(Some(met.len()), total, "{query}");
        assert_eq!(
            met.iter().collect::<BTreeSet<_>>().len(),
            met.len(),
            "{query}"
        );
        let all = query.split_once('&').map_or("", |(_, rest)| rest);
        assert_eq!(met, found(&ada, all).await, "{query}");
    }
}

#[tokio::test]
async fn a_reader_keeps_the_place_while_others_write() {
    let (_server, ada) = among(30).await;
    let first = ada.get("/employees?limit=10").await.expect(200);
    assert_eq!(ids(&first), (1..=10).collect::<Vec<_>>());
    for gone in [3, 10, 11] {
        ada.delete(&format!("/employees/{gone}"))
            .if_match("*")
            .await
            .expect(204);
    }
    let second = ada.get(&link(&first, "next").unwrap()).await.expect(200);
    assert_eq!(ids(&second), (12..=21).collect::<Vec<_>>());
    assert_eq!(second.header("x-total-count"), Some("27"));
}

#[tokio::test]
async fn a_page_can_be_found_around_an_employee() {
    let (_server, ada) = among(230).await;
    for query in [
        "",
        "&sort=-lastname",
        "&sort=department,-hired&q=status:active",
        "&q=dept:eng",
    ] {
        let all = found(&ada, query).await;
        for (place, id) in all.iter().enumerate().step_by(9) {
            let page = ada
                .get(&format!("/employees?limit=20&around={id}{query}"))
                .await
                .expect(200);
            let offset = place / 20 * 20;
            assert_eq!(
                page.header("x-offset"),
                Some(offset.to_string().as_str()),
                "{id}{query}"
            );
            assert_eq!(
                ids(&page),
                all[offset..all.len().min(offset + 20)],
                "{id}{query}"
            );
        }
    }
    let elsewhere = ada
        .get("/employees?limit=20&offset=40&around=999")
        .await
        .expect(200);
    assert_eq!(
        (elsewhere.header("x-offset"), ids(&elsewhere)[0]),
        (Some("40"), 41),
        "nobody has this id"
    );
}

#[tokio::test]
async fn every_link_leads_to_a_page() {
    let (_server, ada) = among(25).await;
    let page = ada
        .get("/employees?limit=10&offset=10&sort=-id")
        .await
        .expect(200);
    assert_eq!(ids(&page), (6..=15).rev().collect::<Vec<_>>());
    let mut leads = Vec::new();
    for relation in ["first", "prev", "next", "last"] {
        leads.push(ids(&ada
            .get(&link(&page, relation).unwrap())
            .await
            .expect(200)));
    }
    let descending = |from: u64, to: u64| (to..=from).rev().collect::<Vec<_>>();
    assert_eq!(
        leads,
        [
            descending(25, 16),
            descending(25, 16),
            descending(5, 1),
            descending(5, 1)
        ]
    );
    let last = ada.get("/employees?limit=10&offset=20").await.expect(200);
    assert_eq!((link(&last, "next"), ids(&last).len()), (None, 5));
    let beyond = ada
        .get("/employees?limit=10&offset=18446744073709551615")
        .await
        .expect(200);
    assert_eq!(
        (beyond.text().as_str(), beyond.header("x-total-count")),
        ("[]", Some("25"))
    );
}

#[tokio::test]
async fn sorting_handles_accents_numbers_and_missing_values() {
    let person = |last: &str, manager: Option<u64>, hired: Option<&str>| json!({"firstname": "A", "lastname": last, "manager": manager, "hired": hired});
    let (_server, ada) = among_these(&[
        person("Zoë", None, Some("2020-01-01")),
        person("élan", Some(1), None),
        person("Eland", Some(2), Some("2019-01-01")),
        person("Elan", Some(1), Some("2021-01-01")),
    ])
    .await;
    for filler in 5..=11 {
        ada.post("/employees", person("M", None, None))
            .await
            .expect(201);
        ada.delete(&format!("/employees/{filler}"))
            .if_match("*")
            .await
            .expect(204);
    }
    ada.post("/employees", person("Adler", None, Some("2020-01-01")))
        .await
        .expect(201);
    ada.post("/employees", person("Böll", Some(12), None))
        .await
        .expect(201);
    assert_eq!(found(&ada, "").await, [1, 2, 3, 4, 12, 13]);
    assert_eq!(found(&ada, "sort=-id").await, [13, 12, 4, 3, 2, 1]);
    assert_eq!(found(&ada, "sort=lastname").await, [12, 13, 4, 2, 3, 1]);
    assert_eq!(found(&ada, "sort=-lastname").await, [1, 3, 2, 4, 13, 12]);
    // Nobody who has no value comes first, whichever way round; managers are Adler, élan and Zoë.
    assert_eq!(found(&ada, "sort=manager").await, [13, 3, 2, 4, 1, 12]);
    assert_eq!(found(&ada, "sort=-manager").await, [2, 4, 3, 13, 1, 12]);
    assert_eq!(found(&ada, "sort=hired,-id").await, [3, 12, 1, 4, 13, 2]);
    assert_eq!(found(&ada, "sort=-hired").await, [4, 1, 12, 3, 2, 13]);
    assert_eq!(
        found(&ada, "sort=manager,-lastname").await,
        [13, 3, 2, 4, 1, 12]
    );
}

#[tokio::test]
async fn a_list_by_manager_follows_a_manager_who_gets_another_name_or_leaves() {
    let person = |last: &str, manager: Option<u64>| json!({"firstname": "A", "lastname": last, "manager": manager});
    let (_server, ada) = among_these(&[
        person("Berg", None),
        person("Castro", None),
        person("Lee", Some(2)),
        person("Lee", Some(1)),
    ])
    .await;
    assert_eq!(found(&ada, "sort=manager").await, [4, 3, 1, 2]);
    ada.patch("/employees/1", json!({"lastname": "Zuse"}))
        .if_match("*")
        .await
        .expect(200);
    assert_eq!(found(&ada, "sort=manager").await, [3, 4, 1, 2]);
    let last = ada.get("/employees?sort=-manager&limit=1");
    assert_eq!(ids(&last.await.expect(200)), [4]);
    let page = ada.get("/employees?sort=manager&limit=1").await.expect(200);
    let next = page.header("link").unwrap();
    assert!(next.contains("cursor="), "{next}");
}

#[tokio::test]
async fn what_changes_moves_in_the_order_at_once() {
    let (_server, ada) = among(20).await;
    ada.get("/employees?sort=lastname").await.expect(200);
    let path = "/employees/7";
    ada.patch(path, json!({"lastname": "!!! first of all"}))
        .if_match("*")
        .await
        .expect(200);
    assert_eq!(found(&ada, "sort=lastname").await[0], 7);
    ada.patch(path, json!({"lastname": "\u{10ffff} last of all"}))
        .if_match("*")
        .await
        .expect(200);
    assert_eq!(found(&ada, "sort=lastname").await[19], 7);
    assert_eq!(found(&ada, "q=\"last of all\"").await, [7]);
    ada.delete(path).if_match("*").await.expect(204);
    assert_eq!(found(&ada, "q=\"last of all\"").await, [0u64; 0]);
}

#[tokio::test]
async fn the_filter_finds_words_fields_and_missing_values() {
    let person = |first: &str, last: &str, department: &str, status: &str, email: Option<&str>| json!({"firstname": first, "lastname": last, "department": department, "status": status, "email": email});
    let (_server, ada) = among_these(&[
        person(
            "Amélie",
            "Bétancourt",
            "Engineering",
            "active",
            Some("amelie@example.com"),
        ),
        person("Bruno", "Łoś", "Sales", "left", None),
        person(
            "Carmen",
            "van den Berg",
            "Engineering",
            "leave",
            Some("sales@example.com"),
        ),
        person("10:30", "A\"B", "Research & Development", "active", None),
    ])
    .await;
    for (q, expected) in [
        ("betan", &[1][..]),
        ("AMELIE eng", &[1]),
        ("los", &[2]),
        ("sales", &[2, 3]),
        ("dept:sales", &[2]),
        ("department:eng !status:leave", &[1]),
        ("!eng", &[2, 4]),
        ("email:\"\"", &[2, 4]),
        ("!email:\"\"", &[1, 3]),
        ("\"den berg\"", &[3]),
        ("last:\"van den\"", &[3]),
        ("10:30", &[4]),
        ("research & dev", &[4]),
        ("dept:", &[1, 2, 3, 4]),
        ("nobody", &[]),
        ("  ", &[1, 2, 3, 4]),
    ] {
        let query = format!(
            "q={}",
            form_urlencoded::byte_serialize(q.as_bytes()).collect::<String>()
        );
        assert_eq!(found(&ada, &query).await, expected, "{q}");
    }
    assert_eq!(found(&ada, "department=engineering").await, [1, 3]);
    assert_eq!(found(&ada, "department=eng").await, [0u64; 0]);
    assert_eq!(
        found(&ada, "department=Research+%26+Development").await,
        [4]
    );
    assert_eq!(found(&ada, "lastname=betancourt&status=active").await, [1]);
    assert_eq!(found(&ada, "email=").await, [2, 4]);
    assert_eq!(found(&ada, "q=sales&status=left").await, [2]);
}

#[tokio::test]
async fn a_page_of_a_filter_links_to_pages_of_the_same_filter() {
    let (_server, ada) = among(200).await;
    let expected = found(&ada, "q=email%3Aexample&sort=-lastname&status=active").await;
    let page = ada
        .get("/employees?q=email%3Aexample&sort=-lastname&status=active&limit=3")
        .await
        .expect(200);
    assert_eq!(ids(&page), expected[..3]);
    let next = ada.get(&link(&page, "next").unwrap()).await.expect(200);
    assert_eq!(ids(&next), expected[3..6]);
    let prev = ada.get(&link(&next, "prev").unwrap()).await.expect(200);
    assert_eq!(ids(&prev), expected[..3]);
}

#[tokio::test]
async fn each_parameter_that_cannot_be_taken_is_named() {
    let (_server, ada) = among(3).await;
    for (query, named) in [
        ("shoe=42", &[("shoe", "unknown")][..]),
        ("limit=0", &[("limit", "format")]),
        ("limit=1001", &[("limit", "format")]),
        (
            "limit=-1&offset=x",
            &[("limit", "format"), ("offset", "format")],
        ),
        ("limit=1&limit=2", &[("limit", "duplicate")]),
        ("offset=5", &[("limit", "required")]),
        ("limit=5&offset=1&cursor=x", &[("cursor", "duplicate")]),
        ("sort=shoe", &[("sort", "unknown")]),
        ("sort=id,-id", &[("sort", "duplicate")]),
        ("sort=id,title,phone,email,hired", &[("sort", "too_long")]),
        ("sort=notes", &[("sort", "unknown")]),
        (
            "q=a&q=b&Sort=id",
            &[("q", "duplicate"), ("Sort", "unknown")],
        ),
    ] {
        let answer = ada.get(&format!("/employees?{query}")).await;
        answer.refused(400, "query_invalid", "none").names(named);
    }
}

#[tokio::test]
async fn an_invalid_or_foreign_cursor_is_refused() {
    let (_server, ada) = among(20).await;
    let page = ada
        .get("/employees?limit=5&sort=lastname")
        .await
        .expect(200);
    let next = link(&page, "next").unwrap();
    for path in [
        next.replace("sort=lastname", "sort=firstname"),
        next.replace("sort=lastname", "sort=-lastname"),
        next.replace("sort=lastname&", ""),
        format!("{next}AA"),
        "/employees?limit=5&cursor=".into(),
        "/employees?limit=5&cursor=7".into(),
        "/employees?limit=5&cursor=..%2F".into(),
        format!("/employees?limit=5&cursor={}", "A".repeat(4000)),
    ] {
        ada.get(&path).await.refused(400, "query_invalid", "none");
    }
    ada.get(&next).await.expect(200);
}

#[tokio::test]
async fn a_list_and_a_record_say_the_same() {
    let (_server, ada) = among(40).await;
    let list = ada.get("/employees?limit=1000").await.json();
    for record in list.as_array().unwrap() {
        assert_eq!(
            ada.get(&format!("/employees/{}", record["id"]))
                .await
                .json(),
            *record
        );
    }
    let first = sample::employees(1, 5).next().unwrap();
    assert_eq!(list[0]["lastname"].as_str(), first.get(Field::Lastname));
}

#[tokio::test]
async fn values_are_listed_by_prefix_and_then_by_use() {
    let in_department = |(name, location): (&str, &str)| json!({"firstname": "A", "lastname": "B", "department": name, "location": location});
    let departments = [
        ("Sales", "Lisbon"),
        ("Support", "Lisbon"),
        ("support", "Lisbon"),
        ("SUPPORT", "Lisbon"),
        ("Support", "Leeds"),
        ("Facilities", "Leeds"),
        ("Facilities", "Leeds"),
        ("Großkunden", "Leeds"),
    ];
    let mut people: Vec<_> = departments.map(in_department).into();
    people.push(json!({"firstname": "Without", "lastname": "One"}));
    let (server, ada) = among_these(&people).await;
    let values = |query: &str| ada.get(&format!("/employees/values/department{query}"));
    let all = json!([
        {"value": "Support", "count": 4}, {"value": "Facilities", "count": 2},
        {"value": "Großkunden", "count": 1}, {"value": "Sales", "count": 1},
    ]);
    assert_eq!(values("").await.expect(200).json(), all);
    let with_s = values("?q=S&limit=3").await.expect(200).json();
    let with_s: Vec<_> = with_s
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["value"].as_str().unwrap())
        .collect();
    assert_eq!(
        with_s,
        ["Support", "Sales", "Facilities"],
        "what begins with it, before what has it inside"
    );
    assert_eq!(values("?q=x").await.expect(200).json(), json!([]));

    let under_a_filter = json!([{"value": "Support", "count": 3}, {"value": "Sales", "count": 1}]);
    let values_of_lisbon = values("?filter=loc:lisbon&q=s").await.expect(200).json();
    assert_eq!(values_of_lisbon, under_a_filter);

    let vic = server.sign_in("vic").await;
    vic.get("/employees/values/status").await.expect(200);
    server.get("/employees/values/department").await.expect(401);
    ada.get("/employees/values/email").await.expect(404);
    values("?limit=101").await.expect(400);
    values("?offset=1").await.expect(400);
}

#[tokio::test]
async fn managers_are_listed_with_their_names_by_how_many_report_to_them() {
    let person = |first: &str, last: &str, manager: Option<u64>, location: &str| json!({"firstname": first, "lastname": last, "manager": manager, "location": location});
    let people = [
        person("Ann", "Castle", None, "Leeds"),
        person("Zoé", "van Ast", None, "Leeds"),
        person("Lee", "Cast", Some(1), "Lisbon"),
        person("Kim", "Berg", Some(2), "Lisbon"),
        person("Eva", "Cole", Some(2), "Leeds"),
        person("Gus", "Dahl", Some(3), "Leeds"),
    ];
    let (_server, ada) = among_these(&people).await;
    let managers = |query: &str| ada.get(&format!("/employees/values/manager{query}"));
    let of = |id: &str, name: &str, count: u64| json!({"value": id, "count": count, "label": name});
    let all = json!([
        of("2", "Zoé van Ast", 2),
        of("1", "Ann Castle", 1),
        of("3", "Lee Cast", 1)
    ]);
    assert_eq!(managers("").await.expect(200).json(), all);

    let begins_so = json!([of("1", "Ann Castle", 1), of("3", "Lee Cast", 1)]);
    assert_eq!(managers("?q=CAST").await.expect(200).json(), begins_so);
    for (query, manager) in [
        ("?q=ast%20zo", of("2", "Zoé van Ast", 2)),
        ("?filter=loc:lisbon&limit=1", of("1", "Ann Castle", 1)),
        ("?filter=loc:lisbon&q=van", of("2", "Zoé van Ast", 1)),
    ] {
        assert_eq!(
            managers(query).await.expect(200).json(),
            json!([manager]),
            "{query}"
        );
    }
    assert_eq!(managers("?q=berg").await.expect(200).json(), json!([]));

    ada.delete("/employees/3").if_match("*").await.expect(204);
    assert_eq!(managers("?q=lee").await.expect(200).json(), json!([]));
}

/// People with these first names, in this order.
async fn with_first_names(names: &[&str]) -> (Server, Person) {
    let people: Vec<_> = names
        .iter()
        .map(|name| json!({"firstname": name, "lastname": "x"}))
        .collect();
    among_these(&people).await
}

#[tokio::test]
async fn search_sorting_and_grouping_fold_names_alike() {
    let names = ["रमी", "राम", "Weiß", "WEISS", "राम", "weiss"];
    let (_server, ada) = with_first_names(&names).await;
    for (typed, expected) in [
        ("first:राम", vec![2, 5]),
        ("first:रमी", vec![1]),
        ("first:weiß", vec![3, 4, 6]),
        ("first:WEISS", vec![3, 4, 6]),
    ] {
        let query = Query {
            q: typed.into(),
            ..Query::default()
        };
        assert_eq!(
            found(&ada, &query.to_query_string()).await,
            expected,
            "{typed}"
        );
    }
    // As folded, and where that is equal, as it is written; "रमी" has म where "राम" has its vowel
    // sign.
    assert_eq!(found(&ada, "sort=firstname").await, [4, 3, 6, 1, 2, 5]);
}

#[tokio::test]
async fn values_that_fold_alike_are_one_value() {
    let people = ["राम", "रमी", "Straße", "STRASSE", "strasse"];
    let people: Vec<_> = people
        .iter()
        .map(|place| json!({"firstname": "a", "lastname": "b", "location": place}))
        .collect();
    let (_server, ada) = among_these(&people).await;
    let values = ada.get("/employees/values/location").await.expect(200);
    let counts: Vec<_> = values.json().as_array().unwrap().to_vec();
    let count_of = |value: &str| {
        let same = |row: &&Value| row["value"].as_str() == Some(value);
        counts.iter().find(same).map(|row| row["count"].clone())
    };
    assert_eq!(counts.len(), 3, "{counts:?}");
    assert_eq!(counts[0]["count"], 3);
    assert_eq!(
        [count_of("राम"), count_of("रमी")],
        [Some(json!(1)), Some(json!(1))]
    );
}

#[tokio::test]
async fn a_phone_number_is_found_by_its_digits() {
    let phones = [
        "+49 (30) 555-0122",
        "030 5550199",
        "0171.555.01.22",
        "+44 20 7946 0000",
    ];
    let people: Vec<_> = phones
        .iter()
        .map(|phone| json!({"firstname": "a", "lastname": "b", "phone": phone}))
        .collect();
    let (_server, ada) = among_these(&people).await;
    ada.delete("/employees/3").if_match("*").await.expect(204);
    for (query, expected) in [
        ("q=5550122", vec![1]),
        ("q=%2B49+30555", vec![1]),
        ("q=30555", vec![1, 2]),
        ("q=phone:555-01", vec![1, 2]),
        ("q=%22(020)+79%22", vec![]),
        ("q=%22(20)+79%22", vec![4]),
        ("q=!5550122", vec![2, 4]),
        ("q=title:5550122", vec![]),
        ("phone=%2B49305550122", vec![1]),
        ("phone=305550122", vec![]),
        ("q=%D9%A7%D9%A9%D9%A4%D9%A6", vec![4]),
    ] {
        assert_eq!(found(&ada, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn csv_has_crlf_on_request_and_notes_keep_their_lines() {
    let notes = json!({"firstname": "a", "lastname": "b", "notes": "one, \"two\"\r\nthree"});
    let (_server, ada) = among_these(&[notes, json!({"firstname": "c", "lastname": "d"})]).await;
    let read = ada.get("/employees/1").await.expect(200).json();
    assert_eq!(read["notes"], "one, \"two\"\nthree");
    for (accept, end) in [("text/csv", "\n"), ("text/csv; eol=crlf", "\r\n")] {
        let list = ada.ask(Method::GET, "/employees").header("accept", accept);
        let text = list.await.expect(200).text();
        let lines: Vec<&str> = text.split(end).collect();
        assert_eq!(lines.len(), if end == "\n" { 5 } else { 4 }, "{text:?}");
        assert!(text.contains("\"one, \"\"two\"\"\nthree\""), "{text:?}");
        assert!(text.ends_with(&format!("Z,ada{end}")), "{text:?}");
        assert_eq!(text.contains('\r'), end == "\r\n");
        let page = ada
            .ask(Method::GET, "/employees?limit=9")
            .header("accept", accept);
        assert_eq!(page.await.expect(200).text(), text);
    }
}

#[tokio::test]
async fn every_time_has_three_fractional_digits() {
    let (_server, ada) = among(2).await;
    let change = ada.patch("/employees/1", json!({"title": "x"}));
    change.if_match("*").await.expect(200);
    let mut times = Vec::new();
    for path in [
        "/employees",
        "/employees/1",
        "/employees/1/history",
        "/audit",
        "/users",
        "/me",
        "/me/sessions",
    ] {
        collect_times(&ada.get(path).await.expect(200).json(), &mut times);
    }
    assert!(times.len() > 12, "{times:?}");
    for time in times {
        assert_eq!(time.len(), "2026-11-27T10:00:00.000Z".len(), "{time}");
    }
}

/// The texts in a value that are times.
fn collect_times(value: &Value, times: &mut Vec<String>) {
    match value {
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => times.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect_times(value, times)),
        Value::Object(members) => members
            .values()
            .for_each(|value| collect_times(value, times)),
        _ => {}
    }
}

#[tokio::test]
async fn a_page_has_the_names_of_the_managers_if_asked_for() {
    let (_server, ada) = among_these(&[
        json!({"firstname": "Grace", "lastname": "\"Amazing\" Hopper"}),
        json!({"firstname": "Jean", "lastname": "Bartik", "manager": 1}),
    ])
    .await;
    let names = |answer: Answer| -> Vec<Value> {
        let people = answer.json().as_array().unwrap().clone();
        people
            .iter()
            .map(|person| person["managerName"].clone())
            .collect()
    };

    let page = ada.get("/employees?limit=10&names=true").await.expect(200);
    assert_eq!(
        page.header("link")
            .map(|links| links.contains("names=true")),
        Some(true)
    );
    assert_eq!(
        names(page),
        [Value::Null, json!("Grace \"Amazing\" Hopper")]
    );

    let plain = ada.get("/employees?limit=10").await.expect(200);
    assert_eq!(names(plain), [Value::Null, Value::Null]);
    let csv = ada.ask(Method::GET, "/employees?limit=10&names=true");
    let csv = csv.header("accept", "text/csv").await.expect(200);
    assert!(!csv.text().contains("Amazing Hopper,"), "{}", csv.text());

    // Her name changes, and so does what the page says; then she leaves.
    let change = json!({"id": 1, "lastname": "Murray"});
    ada.ask(Method::PUT, "/employees")
        .json(change)
        .await
        .expect(200);
    let page = ada.get("/employees?limit=10&names=true").await.expect(200);
    assert_eq!(names(page), [Value::Null, json!("Grace Murray")]);
    ada.ask(Method::DELETE, "/employees")
        .json(json!({"id": 1}))
        .await;
    let page = ada.get("/employees?limit=10&names=true").await.expect(200);
    assert_eq!(names(page), [Value::Null]);
}
