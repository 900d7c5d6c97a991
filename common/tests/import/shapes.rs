//! What spreadsheets and people do to a file.

use roster_common::Field;
use roster_common::import::{Import, ManagerRef, ParsedRow, Warning};

use crate::support::{Said, options, outcomes, people, read_file, refused, skipped, text};

fn said() -> Said {
    Said::default()
}

/// The names and a field of each person of a file.
#[track_caller]
fn names_and(file: &str, field: Field) -> Vec<(String, String, String)> {
    let people = people(&read_file("shapes", file), said());
    let row = |person| {
        (
            text(person, Field::Firstname).into(),
            text(person, Field::Lastname).into(),
            text(person, field).into(),
        )
    };
    people.iter().map(row).collect()
}

fn row(first: &str, last: &str, third: &str) -> (String, String, String) {
    (first.into(), last.into(), third.into())
}

#[test]
fn every_encoding_line_end_and_delimiter_is_read() {
    for file in [
        "a01_utf16_with_bom.csv",
        "a02_cr_only_line_ends.csv",
        "a03_sep_line_of_excel.csv",
    ] {
        let expected = [
            row("Anna", "Example", "2020-01-02"),
            row("Zoë", "Müster", "2021-03-04"),
        ];
        assert_eq!(names_and(file, Field::Hired), expected, "{file}");
    }
}

#[test]
fn rows_of_delimiters_and_columns_without_a_name_are_nothing() {
    let expected = [row("Anna", "Example", ""), row("Ben", "Example", "")];
    assert_eq!(
        names_and("a04_blank_rows_of_commas.csv", Field::Email),
        expected
    );
    assert_eq!(
        names_and("a05_empty_trailing_columns.csv", Field::Email),
        [row("Anna", "Example", "")]
    );
}

#[test]
fn an_unknown_column_is_skipped_and_refused_if_strict() {
    let bytes = read_file("shapes", "a06_one_column_more.csv");
    assert_eq!(
        names_and("a06_one_column_more.csv", Field::Email),
        [row("Anna", "Example", "anna@example.com")]
    );
    let import = Import::understand(&mut bytes.as_slice(), options(said())).unwrap();
    let unknown: Vec<_> = import
        .columns()
        .into_iter()
        .filter(|column| column.unknown)
        .collect();
    assert_eq!(
        (unknown.len(), unknown[0].heading.as_str()),
        (1, "cost center")
    );
    let error = outcomes(
        &bytes,
        Said {
            strict: true,
            ..said()
        },
    )
    .unwrap_err()
    .to_string();
    assert!(
        error.starts_with("Unknown columns: \"cost center\"."),
        "{error}"
    );
    let skip = Said {
        strict: true,
        map: &[("Cost Center", "")],
        ..said()
    };
    assert_eq!(people(&bytes, skip).len(), 1);
}

#[test]
fn commas_in_a_quoted_heading_do_not_decide_the_delimiter() {
    assert_eq!(
        people(
            &read_file("shapes", "a11_many_commas_in_a_quoted_heading.csv"),
            said()
        )
        .len(),
        1
    );
}

#[test]
fn json_is_read_by_line_and_as_an_array() {
    for file in [
        "a12_ndjson_with_bom.ndjson",
        "a13_json_array_as_list_json_prints_it.json",
    ] {
        assert_eq!(
            names_and(file, Field::Email),
            [row("Anna", "Example", "")],
            "{file}"
        );
    }
}

#[test]
fn a_german_file_of_windows_is_read_with_its_encoding() {
    let bytes = read_file("shapes", "b04_german.csv");
    let error = outcomes(&bytes, said()).unwrap_err().to_string();
    assert_eq!(
        error,
        "Line 2 is not UTF-8. If the file comes from Windows, pass --encoding windows-1252."
    );
    let people = people(
        &bytes,
        Said {
            encoding: Some("windows-1252"),
            ..said()
        },
    );
    let found: Vec<_> = Field::ALL
        .iter()
        .map(|field| text(&people[0], *field))
        .filter(|text| !text.is_empty())
        .collect();
    assert_eq!(
        found,
        [
            "Zoë",
            "Müster",
            "zoe@example.com",
            "Technik",
            "active",
            "2020-02-01"
        ]
    );
}

#[test]
fn status_words_are_understood() {
    let found = names_and("b06_status_words.csv", Field::Status);
    let words: Vec<_> = found.iter().map(|(.., status)| status.as_str()).collect();
    assert_eq!(words, ["active", "active", "leave", "left", "left", "left"]);
}

#[test]
fn one_row_decides_the_order_of_day_and_month() {
    let found = names_and("b07_dates_of_other_places.csv", Field::Hired);
    let dates: Vec<_> = found.iter().map(|(.., hired)| hired.as_str()).collect();
    assert_eq!(
        dates,
        [
            "2020-01-02",
            "2020-01-13",
            "2020-01-02",
            "2020-01-02",
            "2020-01-02",
            "2020-01-02",
            "2020-01-02"
        ]
    );
    let text = "firstname,lastname,hired\nA,B,03/02/2015\nC,D,13/02/2015\n";
    assert_eq!(
        people(text.as_bytes(), said())[0].changes.get(Field::Hired),
        Some("2015-02-03")
    );
}

#[test]
fn a_manager_is_found_by_address_name_and_number() {
    let people = people(
        &read_file("shapes", "b08_manager_not_by_number.csv"),
        said(),
    );
    let id = |number: u64| ManagerRef::Id(number.try_into().unwrap());
    let line = Some(ManagerRef::Line(2));
    let managers: Vec<_> = people.iter().map(|person| person.manager).collect();
    assert_eq!(managers, [None, line, line, line, Some(id(9001))]);
}

#[test]
fn a_number_of_another_system_is_no_id() {
    let people = people(&read_file("shapes", "b09_number_with_letters.csv"), said());
    assert_eq!(
        (people[0].id, people[0].changes.get(Field::Number)),
        (None, Some("E-1001"))
    );
}

#[test]
fn phones_are_kept_with_their_extensions() {
    let found = names_and("b10_phones.csv", Field::Phone);
    let phones: Vec<_> = found.iter().map(|(.., phone)| phone.as_str()).collect();
    assert_eq!(
        phones,
        [
            "+1 555 0100 ext. 123",
            "+1 (555) 010-0100 ext. 12",
            "+15550100",
            "+49 30 12345"
        ]
    );
}

#[test]
fn quotes_and_invisible_characters_are_no_part_of_a_name() {
    for file in [
        "c01_taken_with_the_quotes.csv",
        "c02_taken_with_single_quotes.csv",
        "c03_taken_with_invisible_letters.csv",
    ] {
        let found = names_and(file, Field::Email);
        assert_eq!(found, [row("Anna", "Example", "")], "{file}");
    }
}

#[test]
fn entities_are_decoded_and_lost_letters_reported() {
    let text = "firstname,lastname,department\nZo&euml;,M?ller,R&amp;D\n";
    let people = people(text.as_bytes(), said());
    let person = &people[0];
    assert_eq!(
        (
            crate::support::text(person, Field::Firstname),
            crate::support::text(person, Field::Department)
        ),
        ("Zoë", "R&D")
    );
    let kinds: Vec<_> = person
        .warnings
        .iter()
        .map(|warning| matches!(warning, Warning::Entities { .. }))
        .collect();
    assert_eq!(kinds, [true, false, true]);
}

#[test]
fn a_dos_file_ends_with_its_mark() {
    let people = people(b"firstname,lastname\r\nAnna,Example\r\n\x1a", said());
    assert_eq!(people.len(), 1);
}

#[test]
fn a_short_row_has_empty_cells_and_a_long_one_is_refused() {
    let text =
        b"firstname,lastname,email,phone\nAnna,Example\nBen,Example,,,Berlin\nCem,Example,,,,\n";
    let refused = refused(text, said());
    assert_eq!((refused.len(), refused[0].0), (1, 3));
    assert!(
        refused[0].3.contains("has 5 cells but the heading has 4"),
        "{}",
        refused[0].3
    );
}

#[test]
fn a_refused_cell_says_where_it_is_and_what_was_read() {
    let text = b"First name,Last name,E-mail,Start\nAnna,Example,nobody,\nBen,,,\n";
    assert_eq!(
        refused(text, said()),
        [
            (
                2,
                "E-mail".into(),
                "nobody".into(),
                "Enter an address like name@example.com.".into()
            ),
            (
                3,
                "Last name".into(),
                String::new(),
                "Last name is required.".into()
            ),
        ]
    );
}

#[test]
fn rows_that_are_no_people_are_skipped_and_reported() {
    let text = "First name,Last name,Email,User type\n\
        e.g. Ada,e.g. Lovelace,e.g. ada@example.com,\n\
        Anna,Example,anna@example.com,Member\n\
        Kim,Guest,kim@example.org,Guest\n\
        ,,noreply@example.com,Member\n\
        Anna,Example,anna@example.com,Member\n\
        ,,,Total: 5\nTotal,,,5\n";
    let reasons: Vec<_> = skipped(text.as_bytes(), said());
    let expected = [
        (2, "an example row"),
        (4, "not a person but a guest, bot, room or group"),
        (5, "not a person but a service account"),
        (6, "the same person as on line 3"),
        (7, "no name, email address or number"),
        (8, "no name, email address or number"),
    ];
    assert_eq!(
        reasons,
        expected.map(|(line, reason)| (line, reason.to_owned()))
    );
}

/// A long file is read on several processors, and the rows of one person lie far apart.
#[test]
fn the_first_of_the_rows_of_a_person_is_kept_in_a_long_file_too() {
    const ROWS: u64 = 5_000;
    let row = |number: u64| format!("Anna,No{number},anna{number}@example.com\n");
    // Every tenth row is about the person of row 1, 2 or 3.
    let rows = (1..=ROWS).map(|number| {
        row(if number % 10 == 0 {
            number / 10 % 3 + 1
        } else {
            number
        })
    });
    let text: String = std::iter::once("First name,Last name,Email\n".to_owned())
        .chain(rows)
        .collect();
    let reasons = skipped(text.as_bytes(), said());
    let line = |number: u64| number + 1;
    let expected: Vec<_> = (1..=ROWS / 10)
        .map(|tenth| {
            (
                line(10 * tenth),
                format!("the same person as on line {}", line(tenth % 3 + 1)),
            )
        })
        .collect();
    assert_eq!(reasons, expected);
    assert_eq!(
        people(text.as_bytes(), said()).len() as u64,
        ROWS - ROWS / 10
    );
}

#[test]
fn a_leaving_date_that_has_passed_means_left() {
    let text = "First name,Last name,Termination date\nA,B,2023-06-30\nC,D,2099-01-01\nE,F,\n";
    let people = people(text.as_bytes(), said());
    let statuses: Vec<_> = people
        .iter()
        .map(|person| crate::support::text(person, Field::Status))
        .collect();
    assert_eq!(statuses, ["left", "", ""]);
}

#[test]
fn an_unknown_manager_is_refused_and_the_reports_of_a_refused_one_wait() {
    let text = "name,email,manager\nAnna Example,anna@example.com,Nobody\nBen Example,ben@example.com,anna@example.com\n\
        Cem Example,cem@example.com,Ben Example\nDan Example,dan@example.com,\nEve Example,eve@example.com,Dan Example\n";
    let refused = refused(text.as_bytes(), said());
    assert_eq!(
        (refused.len(), refused[0].0, refused[0].1.as_str()),
        (1, 2, "manager")
    );
    let kinds: Vec<_> = outcomes(text.as_bytes(), said())
        .unwrap()
        .into_iter()
        .map(|outcome| match outcome {
            ParsedRow::Waiting { line, manager, .. } => (line, manager),
            _ => (0, 0),
        })
        .collect();
    assert_eq!(kinds, [(0, 0), (3, 2), (4, 3), (0, 0), (0, 0)]);
}

#[test]
fn a_name_that_two_people_have_is_ambiguous() {
    let text =
        "first name,last name,manager\nAnna,Example,\nAnna,Example,\nBen,Example,Anna Example\n";
    let refused = refused(text.as_bytes(), said());
    assert!(refused[0].3.starts_with("Several people"), "{refused:?}");
}

#[test]
fn a_file_without_headings_lists_what_is_known() {
    let error = outcomes(b"Ada,Lovelace\nGrace,Hopper\n", said())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("\"Ada\", \"Lovelace\"") && error.contains("firstname, lastname"),
        "{error}"
    );
    let error = outcomes(b"email,phone\na@example.com,123\n", said())
        .unwrap_err()
        .to_string();
    assert!(error.contains("--map 'HEADING=name'"), "{error}");
    let error = outcomes(
        b"firstname,lastname\nA,B\n",
        Said {
            map: &[("Shoe", "title")],
            ..said()
        },
    )
    .unwrap_err()
    .to_string();
    assert_eq!(
        error,
        "The file has no column \"Shoe\". It has \"firstname\", \"lastname\"."
    );
}

#[test]
fn a_mapping_of_the_user_wins() {
    let text = b"Given,Surname,Grade\nAda,Lovelace,Countess\n";
    let people = people(
        text,
        Said {
            map: &[("Given", "firstname"), ("grade", "title")],
            ..said()
        },
    );
    assert_eq!(
        (
            crate::support::text(&people[0], Field::Firstname),
            crate::support::text(&people[0], Field::Title)
        ),
        ("Ada", "Countess")
    );
    let twice = Said {
        map: &[("Given", "firstname"), ("Grade", "firstname")],
        ..said()
    };
    assert_eq!(
        outcomes(text, twice).unwrap_err().to_string(),
        "Two columns are mapped to firstname."
    );
}

/// What is said of each column: its heading, its field, and the column that is read instead.
fn columns(text: &str) -> Vec<(String, Option<&'static str>, Option<String>)> {
    let import = Import::understand(&mut text.as_bytes(), options(said())).unwrap();
    let columns = import.columns().into_iter();
    columns
        .map(|column| (column.heading, column.field, column.instead))
        .collect()
}

#[test]
fn a_column_that_is_skipped_for_another_one_names_it() {
    let found = columns("Last Name,First Name,Dept,Dept,Phone,Mobile\nA,B,C,D,1,2\n");
    let instead: Vec<_> = found
        .iter()
        .filter_map(|(heading, _, instead)| Some((heading.as_str(), instead.as_deref()?)))
        .collect();
    assert_eq!(instead, [("Dept", "Dept"), ("Mobile", "Phone")]);
    assert_eq!(found[2].1, Some("department"));
    let with_status = columns("Name,Status,Termination Date\nAda Lovelace,active,\n");
    assert_eq!(with_status[2].2.as_deref(), Some("Status"));
}

#[test]
fn a_number_that_a_spreadsheet_shortened_is_refused() {
    for (heading, value, is_refused) in [
        ("Employee ID", "1.00E+05", true),
        ("Employee ID", "1,00E+05", true),
        ("Employee ID", "1e+05", true),
        ("ID", "1.00E+05", true),
        ("Phone", "4.91706E+11", true),
        ("Employee ID", "E1001", false),
        ("Employee ID", "1E05", false),
        ("Employee ID", "2E-A", false),
    ] {
        let text = format!("Name;{heading}\nAda Lovelace;{value}\n");
        let refused = refused(text.as_bytes(), said());
        assert_eq!(refused.len(), usize::from(is_refused), "{heading} {value}");
        for (line, column, read, message) in refused {
            assert_eq!((line, column.as_str(), read.as_str()), (2, heading, value));
            assert!(message.starts_with("A spreadsheet shortened"), "{message}");
        }
    }
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_reported_where_it_opens() {
    for (rows, expected) in [
        ("A,\"B,line one\nC,D,x\n", 2),
        ("A,\"B,line one\nC,D,x\nE,F,y\n", 2),
        ("A,B,\"one\ntwo\"\n\nC,D,\"x\nE,F,y", 5),
        ("A,\"B\nb\",\"x\nE,F,y\n", 3),
        ("A,B,x\n\"\n", 3),
    ] {
        let text = format!("lastname,firstname,notes\n{rows}");
        let mut refused = refused(text.as_bytes(), said());
        let (line, _, _, message) = refused.pop().unwrap();
        assert_eq!(line, expected, "{text}");
        assert!(message.contains("is never closed"), "{message}");
    }
    let error = outcomes(b"lastname,title,\"firstname\nA,T,B\n", said()).unwrap_err();
    assert!(
        error.to_string().contains("Line 1: A quotation mark"),
        "{error}"
    );
    assert_eq!(people(b"lastname,firstname\n\"A\",\"B\"", said()).len(), 1);
}

#[test]
fn a_cell_that_goes_on_to_the_next_quotation_mark_suggests_one_that_is_missing() {
    let text = b"lastname,firstname,title\nA,\"B,x\nC,\"D,y\nE,F,z\n";
    let (line, _, _, message) = refused(text, said()).remove(0);
    assert_eq!(line, 2);
    assert!(message.ends_with("Look for a missing quote."), "{message}");
}

#[test]
fn all_mistakes_of_a_row_are_reported_at_once_with_its_manager() {
    let text = b"name,hired,status,manager\nAda Lovelace,2024-13-01,nonsense,Nobody Here\n\
        Grace Hopper,2024-13-01,,Ada Lovelace\n";
    let cells: Vec<_> = refused(text, said())
        .into_iter()
        .map(|(line, column, ..)| (line, column))
        .collect();
    let expected = [(2, "hired"), (2, "status"), (2, "manager"), (3, "hired")];
    let expected = expected.map(|(line, column)| (line, column.to_owned()));
    assert_eq!(cells, expected);
}

/// Whoever occurs twice is found only if the rows are read one after the other.
#[test]
fn a_long_file_is_read_in_its_order_on_one_processor_or_several() {
    let row = |number| match number % 7 {
        0 => format!("Ada{number},Example,not an address\n"),
        1 => format!(",,\nAda{number},\n"),
        _ => format!("Ada{number},Example,ada{number}@example.com\n"),
    };
    let heading = "firstname,lastname,email\n";
    let text: String = std::iter::once(heading.to_owned())
        .chain((2..4_000).map(row))
        .collect();
    let several = outcomes(text.as_bytes(), said()).unwrap();
    let twice = format!("{text}Ada2,Example,ada2@example.com\n");
    let mut one = outcomes(twice.as_bytes(), said()).unwrap();
    let last = one.pop().unwrap();
    assert!(matches!(last, ParsedRow::Skipped { .. }), "{last:?}");
    assert!(one == several, "{} and {} rows", one.len(), several.len());
}
