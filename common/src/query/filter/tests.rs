use super::mistake::MAX_CONDITIONS;
use super::*;
use crate::employee::{Field, Version};
use crate::query::{Column, Query};
use jiff::Timestamp;
use proptest::prelude::*;

/// A Saturday.
fn now() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

fn query(q: &str) -> Query {
    Query {
        q: q.into(),
        ..Query::default()
    }
}

/// The words of a filter.
fn terms(q: &str) -> Vec<Filter> {
    match query(q).filter(now()) {
        Filter::All(all) => all,
        one => vec![one],
    }
}

fn term(scope: TermScope, text: &str, whole: bool) -> Filter {
    Filter::Text(Term {
        scope,
        text: text.into(),
        whole,
    })
}

fn plain(scope: TermScope, text: &str, negated: bool) -> Filter {
    let term = term(scope, text, false);
    if negated { not(term) } else { term }
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

fn field(field: Field) -> TermScope {
    TermScope::Field(field)
}

#[test]
fn the_filter_language() {
    assert_eq!(
        terms(r#"Béta dept:Eng !left "New York" loc:"hà nội" !st:active"#),
        [
            plain(TermScope::Everywhere, "beta", false),
            plain(TermScope::Field(Field::Department), "eng", false),
            plain(TermScope::Everywhere, "left", true),
            plain(TermScope::Everywhere, "new york", false),
            plain(TermScope::Field(Field::Location), "ha noi", false),
            plain(TermScope::Field(Field::Status), "active", true),
        ]
    );
    assert_eq!(
        terms("mgr:5"),
        [term(TermScope::Field(Field::Manager), "5", true)]
    );
}

#[test]
fn an_id_term_matches_the_whole_id() {
    assert_eq!(
        terms("#7 id:0012"),
        ["7", "12"].map(|id| term(TermScope::Id, id, true))
    );
    assert_eq!(
        terms("#seven"),
        [plain(TermScope::Everywhere, "#seven", false)]
    );
}

#[test]
fn a_status_is_found_by_other_words_for_it() {
    let status = |q: &str| query(q).filter(now()).terms()[0].text.clone();
    assert_eq!(status("status:\"On leave\""), "leave");
    assert_eq!(status("status:terminated"), "left");
    assert_eq!(status("st:aktiv"), "active");
    assert_eq!(status("st:=aktiv"), "active");
    assert_eq!(status("status:l"), "l");
}

#[test]
fn the_managers_whom_a_filter_names_have_their_places() {
    for (q, expected) in [
        ("mgr:brooks", &["brooks"][..]),
        ("ada !manager:\"Zoë Brooks\" x", &["\"Zoë Brooks\""]),
        ("mgr:=brooks|7|cas", &["brooks", "cas"]),
        (
            "(mgr:e7|mgr:#7 dept:x) mgr:zoe@example.com",
            &["e7", "zoe@example.com"],
        ),
        (
            "mgr:7 mgr:#7 mgr:\"\" mgr: mgr:= brooks \"mgr:brooks\"",
            &[],
        ),
    ] {
        let named: Vec<_> = named_managers(q)
            .into_iter()
            .map(|place| &q[place])
            .collect();
        assert_eq!(named, expected, "{q}");
    }
}

#[test]
fn a_date_is_read_as_a_form_reads_it() {
    let day = |q: &str| match query(q).filter(now()) {
        Filter::Range(range) => range.values,
        other => panic!("{q}: {other:?}"),
    };
    let days = |from: &str, to: &str| days(from).unwrap()..=days(to).unwrap();
    assert_eq!(day("hired:yesterday"), days("2026-11-27", "2026-11-27"));
    assert_eq!(
        day("hired:\"2 Jan 2020\"..23.11.2020"),
        days("2020-01-02", "2020-11-23")
    );
    assert_eq!(
        day("hired:>=\"last monday\""),
        super::days("2026-11-23").unwrap()..=i64::MAX
    );
    assert_eq!(day("created:yesterday"), day("created:2026-11-27"));
    for part in [
        "hired:2021",
        "hired:2021-05",
        "hired:05-31",
        "hired:\"-05-\"",
        "hired:=\"\"",
    ] {
        assert!(
            matches!(query(part).filter(now()), Filter::Text(_)),
            "{part} is part of a date"
        );
    }
}

#[test]
fn an_impossible_condition_is_warned_about_even_if_negated() {
    let warning = |q: &str| Some(query(q).mistake()?.to_string());
    for (q, told) in [
        (
            "status:lft dept:eng",
            "Unknown status \"lft\". Did you mean left?",
        ),
        (
            "!status:asleep",
            "Unknown status \"asleep\". Use active, leave or left.",
        ),
        ("!mgr:cas", "mgr: needs an id, like mgr:7."),
        ("id:seven", "An id is a whole number, like id:7."),
    ] {
        assert_eq!(warning(q).as_deref(), Some(told), "{q}");
    }
    assert!(
        warning("!role:sales")
            .unwrap()
            .starts_with("Unknown field \"role\". The fields are id, first, last,")
    );
    // Parts of a status, words with a colon and unfinished conditions are no mistakes.
    for q in [
        "",
        "status:l",
        "st:leave !status:left",
        "mgr:7 mgr:\"\"",
        "\"foo:bar\"",
        "10:30",
        "id:",
        "#x",
    ] {
        assert_eq!(warning(q), None, "{q}");
    }
    let equals = vec![(Field::Status, "act".to_owned())];
    assert!(
        Query {
            equals,
            ..Query::default()
        }
        .mistake()
        .is_some(),
        "it must be all of the value"
    );
}

#[test]
fn a_half_typed_term_is_ignored() {
    for q in ["", "  ", "dept:", "!", "!dept:", "\"", "\"\"", "id:"] {
        assert_eq!(terms(q), [], "{q}");
    }
    assert_eq!(
        terms("\"New Yo"),
        [plain(TermScope::Everywhere, "new yo", false)]
    );
}

#[test]
fn an_unknown_field_is_part_of_the_word_and_two_quotes_are_no_value() {
    assert_eq!(
        terms("10:30"),
        [plain(TermScope::Everywhere, "10:30", false)]
    );
    assert_eq!(
        terms("email:\"\""),
        [term(TermScope::Field(Field::Email), "", true)]
    );
    // Both `lastname` and `location` begin with it.
    assert_eq!(field_named("l"), None);
    assert_eq!(query("10:30 dept:eng \"foo: bar\"").mistake(), None);
    assert_eq!(
        query("eng !departmnt:x").mistake(),
        Some(Mistake::UnknownField("departmnt".into()))
    );
    for field in Field::ALL {
        assert_eq!(field_named(field.short_name()), Some(field));
    }
}

#[test]
fn the_word_being_typed_is_the_last_one() {
    let last = |q| (last_word(q).text, last_word(q).first);
    assert_eq!(last("isla dept:\"res and"), ("dept:\"res and", None));
    assert_eq!(last("isla "), ("", None));
    assert_eq!(last("isla !left"), ("left", None));
    assert_eq!(last("!dept:fin|le"), ("le", Some("dept:fin")));
    assert_eq!(last("dept:fin|le|"), ("", Some("dept:fin")));
    assert_eq!(last("dept:fin | le"), ("le", Some("dept:fin")));
    assert_eq!(last("isla (dep"), ("dep", None));
    assert_eq!(last("(ada|dept:fin|!le"), ("le", Some("ada")));
    assert_eq!(last("(ada|bo) de"), ("de", None));
    assert_eq!(last("(ada bo)").0, ")", "nothing to complete");
    for (q, before) in [
        ("isla !dept:fin|le", "isla "),
        ("isla ", "isla "),
        ("isla (ada|dept:fin|!le", "isla "),
        ("le", ""),
    ] {
        assert_eq!(last_word(q).before, before, "{q}");
    }
}

fn record() -> Employee {
    let mut changes = crate::Changes::default();
    for (field, text) in [
        (Field::Firstname, "Isla"),
        (Field::Lastname, "Bétancourt"),
        (Field::Department, "Engineering"),
        (Field::Title, "Chief Engineer"),
        (Field::Hired, "2021-05-31"),
        (Field::Phone, "+49 (30) 555-0122"),
        (Field::Notes, "Prefers tea.\nWorks from home."),
    ] {
        changes.set(field, text);
    }
    Employee {
        id: 7.try_into().unwrap(),
        details: changes.to_details().unwrap(),
        version: Version::FIRST,
        created: "2026-11-25T08:00:00Z".parse().unwrap(),
        updated: "2026-11-28T11:30:00Z".parse().unwrap(),
        updated_by: "ada".into(),
    }
}

#[test]
fn a_record_must_meet_all_conditions() {
    let record = record();
    let found = |q: &str| query(q).filter(now()).matches(&record);
    for q in [
        "",
        "betan isla",
        "dept:eng",
        "!left",
        "email:\"\"",
        "!first:bob",
        "#7",
        "id:7",
        "!#8",
        "5550122",
        "phone:555.01",
        "\"(30) 555\" !49555",
        "phone:٥٥٥٠١٢٢",
        "\"tea. works\"",
    ] {
        assert!(found(q), "{q}");
    }
    // An id matches as a whole, and digits are compared only in phone numbers.
    for q in [
        "bob",
        "dept:eng !isla",
        "last:isla",
        "dept:\"\"",
        "\"isla betan\"",
        "#70",
        "id:x",
        "!id:7",
        "#seven",
        "title:5550122",
        "!5550122",
        "phone:4930-5551",
    ] {
        assert!(!found(q), "{q}");
    }
}

#[test]
fn alternatives_share_a_field_and_a_negation_covers_them_all() {
    let department = |text| plain(field(Field::Department), text, false);
    let either = Filter::Any(vec![department("finance"), department("legal")]);
    for q in [
        "dept:finance|legal",
        "dept:finance | legal",
        // The next alternative is still being typed.
        "dept:finance|dept:legal|",
    ] {
        assert_eq!(query(q).filter(now()), either, "{q}");
    }
    assert_eq!(terms("!dept:finance|legal"), [not(either)]);
    let exact = |text| term(field(Field::Department), text, true);
    assert_eq!(
        terms("dept:=Finance|Legal"),
        [Filter::Any(vec![exact("finance"), exact("legal")])]
    );
    assert_eq!(
        terms("title:chief|dept:=legal"),
        [Filter::Any(vec![
            plain(field(Field::Title), "chief", false),
            exact("legal")
        ])]
    );
    assert_eq!(
        terms("dept:\"a|b\""),
        [department("a|b")],
        "quotation marks keep a bar"
    );
}

#[test]
fn parentheses_group_and_those_of_a_single_word_are_part_of_it() {
    let word = |text| plain(TermScope::Everywhere, text, false);
    let [a, b, c] = ["a", "b", "c"].map(word);
    assert_eq!(
        terms("(a|b) c"),
        [Filter::Any(vec![a.clone(), b.clone()]), c.clone()]
    );
    let both = Filter::All(vec![a.clone(), b.clone()]);
    assert_eq!(
        terms("(a b)|c"),
        [Filter::Any(vec![both.clone(), c.clone()])]
    );
    assert_eq!(terms("!(a b)"), [not(both)]);
    assert_eq!(
        terms("((a|b) c|a)"),
        [
            Filter::Any(vec![a.clone(), b.clone()]),
            Filter::Any(vec![c.clone(), a.clone()])
        ]
    );
    assert_eq!(
        terms("(a|b"),
        [Filter::Any(vec![a, b])],
        "still being typed"
    );
    assert_eq!(terms("(a"), [word("a")], "closed at the end");
    assert_eq!(
        terms("c (a b"),
        [word("c"), Filter::All(vec![word("a"), word("b")])]
    );
    assert_eq!(
        terms("(030) f(x) (:"),
        [word("(030)"), word("f(x)"), word("(:")]
    );
    for (q, closing) in [
        ("(a|b", Some(')')),
        ("c (a|(b d", Some(')')),
        ("\"(a", Some('"')),
        ("(a|b) c", None),
        ("(030", None),
    ] {
        assert_eq!(unclosed(q), closing, "{q}");
    }
}

#[test]
fn numbers_dates_and_times_are_compared() {
    let record = record();
    for q in [
        "id:>6",
        "id:>=7",
        "id:<8",
        "id:<=7",
        "id:5..9",
        "id:9..5",
        "id:=7",
        "id:3|7",
        "hired:2021",
        "hired:>2020",
        "hired:>=2021",
        "hired:<2022",
        "hired:<=2021",
        "hired:2020..2022",
        "hired:2021-05",
        "hired:=2021-05",
        "hired:>2021-05-30",
        "hired:..2021-05",
        "hired:2021..",
        "hired:>5y",
        "hired:<6y",
        "hired:5y..6y",
        "hired:<=today",
        "!hired:>2021",
        "hired:>2024|<2022",
        "created:2026-11",
        "created:<7d",
        "created:>2d",
        "created:>=2026-11-25",
        "created:<1w updated:<1h",
        "updated:today",
        "!created:<1d",
        "dept:=engineering",
        "!dept:=engineer",
        "title:\"chief e\"|x",
        "(bob|isla) dept:eng|sales",
        "!email:\"\"|x email:=\"\"",
    ] {
        // The record has no address, so the last filter does not match it.
        let expected = !q.starts_with("!email");
        assert_eq!(query(q).mistake(), None, "{q}");
        assert_eq!(query(q).filter(now()).matches(&record), expected, "{q}");
    }
    for q in [
        "id:>7",
        "id:<7",
        "id:8..9",
        "hired:>2021",
        "hired:<2021",
        "hired:2022..2024",
        "hired:<5y",
        "!hired:2021..",
        "hired:>2021-05",
        "created:>7d",
        "created:<2026-11-25",
        "updated:>1h",
        "created:2025",
        "dept:=eng",
        "!dept:eng|sales",
        "!(bob|isla)",
    ] {
        assert!(!query(q).filter(now()).matches(&record), "{q}");
    }
}

#[test]
fn a_record_without_a_date_is_in_no_range() {
    let mut changes = crate::Changes::default();
    changes.set(Field::Firstname, "Isla");
    changes.set(Field::Lastname, "Bo");
    let record = Employee {
        details: changes.to_details().unwrap(),
        ..record()
    };
    for (q, expected) in [
        ("hired:>1900", false),
        ("hired:<2100", false),
        // A negation is the complement, which includes records without a value.
        ("!hired:>1900", true),
        ("hired:\"\"", true),
        ("hired:=\"\"", true),
        ("!hired:\"\"", false),
    ] {
        assert_eq!(query(q).filter(now()).matches(&record), expected, "{q}");
    }
}

#[test]
fn less_than_an_age_ago_is_not_in_the_future() {
    let day = |q: &str| match query(q).filter(now()) {
        Filter::Range(range) => range.values,
        other => panic!("{other:?}"),
    };
    let date = |text| days(text).unwrap();
    assert_eq!(day("hired:<7d"), date("2026-11-22")..=date("2026-11-28"));
    assert_eq!(day("hired:>today"), date("2026-11-29")..=i64::MAX);
    assert_eq!(day("hired:>1m"), i64::MIN..=date("2026-10-27"));
    assert_eq!(
        day("hired:=2024-02"),
        date("2024-02-01")..=date("2024-02-29")
    );
}

#[test]
fn a_comparison_with_something_else_is_a_mistake_that_names_it() {
    for (q, told) in [
        ("hired:>2024-13", "\"2024-13\" is not a date. Use 2024,"),
        ("hired:2020..soon", "\"soon\" is not a date."),
        (
            "created:7d",
            "Write <7d for the last 7d, or >7d for longer ago.",
        ),
        ("updated:\"\"", "\"\" is not a date."),
        ("!id:>x", "\"x\" is not an id. Compare with a whole number"),
        ("dept:a|hired:>y", "\"y\" is not a date."),
        ("hired:<99999y", "\"99999y\" is not a date."),
        ("hired:abc", "\"abc\" is not a date."),
        ("hired:2024/05", "\"2024/05\" is not a date."),
        (
            "hired:7d",
            "Write <7d for the last 7d, or >7d for longer ago.",
        ),
        ("created:abc", "\"abc\" is not a date."),
        ("updated:2024-13", "\"2024-13\" is not a date."),
    ] {
        let mistake = query(q).mistake().unwrap();
        assert!(mistake.to_string().starts_with(told), "{q}: {mistake}");
        assert!(mistake.is_fatal());
        // The server refuses the filter with the message that the application shows.
        let sent = form_urlencoded::byte_serialize(q.as_bytes()).collect::<String>();
        let errors = Query::parse(&format!("q={sent}")).unwrap_err();
        assert_eq!(errors[0].message, mistake.to_string());
    }
    for q in [
        "hired:>", "hired:..", "id:>=", "created:", "dept:=", "dept:|", "|", "!|",
    ] {
        assert_eq!((terms(q), query(q).mistake()), (vec![], None), "{q}");
    }
    for q in [
        "hired:20",
        "hired:2024-",
        "hired:05-12",
        "hired:\"abc\"",
        "hired:today",
        "created:20",
        "created:2024-1",
        "updated:today",
    ] {
        assert_eq!(query(q).mistake(), None, "{q}");
    }
    assert_eq!(
        query("dpartment:x").mistake().unwrap().to_string(),
        "Unknown field \"dpartment\". Did you mean dept?"
    );
}

#[test]
fn a_filter_has_a_limited_number_of_conditions() {
    let of = |count: usize| format!("q={}", vec!["a"; count].join("+"));
    assert!(Query::parse(&of(MAX_CONDITIONS)).is_ok());
    let errors = Query::parse(&of(MAX_CONDITIONS + 1)).unwrap_err();
    assert_eq!(errors[0].message, "A filter has at most 100 conditions.");
    let alternatives = vec!["!(b c)"; 51].join("|");
    assert!(Query::parse(&format!("q={alternatives}")).is_err());
}

/// A filter as it may be typed, and what it means.
fn written() -> impl Strategy<Value = (String, Filter)> {
    let term = prop::sample::select(vec![
        ("title:chief", term(field(Field::Title), "chief", false)),
        ("dept:sales", term(field(Field::Department), "sales", false)),
        (
            "dept:=Engineering",
            term(field(Field::Department), "engineering", true),
        ),
        ("email:\"\"", term(field(Field::Email), "", true)),
        ("#7", term(TermScope::Id, "7", true)),
        (
            "id:>7",
            Filter::Range(Range {
                column: Column::Id,
                values: 8..=i64::MAX,
            }),
        ),
    ]);
    let term = term.prop_map(|(text, filter)| (text.to_owned(), filter));
    term.prop_recursive(3, 12, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        let group = |filters: &[(String, Filter)], separator: &str| {
            let texts: Vec<_> = filters.iter().map(|(text, _)| text.as_str()).collect();
            format!("({})", texts.join(separator))
        };
        let filters = |all: Vec<(String, Filter)>| all.into_iter().map(|(_, f)| f).collect();
        prop_oneof![
            several
                .clone()
                .prop_map(move |all| (group(&all, " "), Filter::All(filters(all)))),
            several.prop_map(move |any| (group(&any, " | "), Filter::Any(filters(any)))),
            inner
                // A second `!` would be part of the word.
                .prop_filter("one negation", |(text, _)| !text.starts_with('!'))
                .prop_map(|(text, filter)| (format!("!{text}"), not(filter))),
        ]
    })
}

proptest! {
    #[test]
    fn a_filter_means_what_it_says((text, filter) in written()) {
        // A negation covers the alternatives after it, so that it is grouped here.
        prop_assume!(!text.contains("(!") );
        prop_assert_eq!(query(&text).mistake(), None);
        prop_assert_eq!(query(&text).filter(now()), filter, "{}", text);
    }

    #[test]
    fn any_text_is_a_filter(q in "([a-z\"()|!:=<>. 0-9#-]|dept:|hired:|id:|created:|\\PC){0,40}") {
        let filter = query(&q).filter(now());
        filter.matches(&record());
        let _ = (query(&q).mistake().map(|m| m.to_string()), last_word(&q), unclosed(&q));
    }

    #[test]
    fn deep_nesting_is_harmless(depth in 0usize..3000) {
        let q = format!("{}a|b{}", "(".repeat(depth), ")".repeat(depth));
        let _ = (query(&q).filter(now()), last_word(&q));
        // While it is typed, no group is closed.
        let open = "(a|".repeat(depth);
        let _ = (query(&open).filter(now()), last_word(&open));
    }
}
