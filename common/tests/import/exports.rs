//! Exports of HR and directory systems in wide use. None needs a mapping.

use std::collections::HashMap;

use roster_common::import::{ColumnReport, DateOrder, Import};

use crate::support::{Said, compare, options, read_file, refused, skipped};

const NOTHING: Said = Said {
    map: &[],
    encoding: None,
    dates: None,
    strict: false,
};
const WINDOWS: Said = Said {
    encoding: Some("windows-1252"),
    ..NOTHING
};

/// A test for each file, named after it: what is said about the file, and the rows that are no
/// people.
macro_rules! files {
    ($($name:ident: $file:literal, $said:expr, $skipped:expr;)*) => {
        $(
            #[test]
            fn $name() {
                compare("exports", $file, $said);
                let skipped = skipped(&read_file("exports", $file), $said);
                let skipped: Vec<_> = skipped.iter().map(|(line, reason)| (*line, reason.as_str())).collect();
                let expected: &[(u64, &str)] = &$skipped;
                assert_eq!(skipped, expected);
            }
        )*
    };
}

const NOT_A_PERSON: &str = "not a person but a guest, bot, room or group";
const SERVICE: &str = "not a person but a service account";

files! {
    successfactors: "successfactors_udf.csv", NOTHING, [];
    workday: "workday_report_titled.csv", NOTHING, [];
    adp: "adp_workforce_now.csv", NOTHING, [(6, "the same person as on line 5")];
    ukg: "ukg_pro_cognos.csv", NOTHING, [];
    lucca: "lucca_users.csv", NOTHING, [];
    entra: "entra_download_users.csv", NOTHING, [(5, NOT_A_PERSON), (6, SERVICE)];
    microsoft_365: "m365_export_users.csv", NOTHING, [];
    google_workspace: "google_workspace_users.csv", NOTHING, [];
    slack: "slack_members.csv", NOTHING, [(6, NOT_A_PERSON)];
    okta: "okta_people.csv", NOTHING, [];
    active_directory: "ad_getaduser_type.csv", NOTHING, [];
    ldap: "openldap.ldif", NOTHING, [];
    vcard: "vcard4.vcf", NOTHING, [];
    outlook: "outlook_contacts.csv", WINDOWS, [];
    odoo: "odoo_employee_labels.csv", NOTHING, [];
    erpnext: "erpnext_import_export.csv", NOTHING, [];
    orangehrm: "orangehrm_import.csv", NOTHING, [];
    datev: "datev_lodas.txt", WINDOWS, [];
    personio: "personio_liste.csv", NOTHING, [];
    // Every date in it could be read both ways.
    rippling: "rippling_report.csv", Said { dates: Some(DateOrder::MonthFirst), ..NOTHING }, [];
    peopleforce: "peopleforce_import.csv", NOTHING, [];
    bamboohr: "bamboohr_report.csv", NOTHING, [];
}

#[test]
fn dates_that_can_be_read_both_ways_say_how_to_decide() {
    let refused = refused(&read_file("exports", "rippling_report.csv"), NOTHING);
    assert_eq!(refused[0].1, "Start date");
    assert_eq!(
        refused[0].3,
        "3 Feb 2015 or 2 Mar 2015? Say which comes first, the day or the month (--dates)."
    );
}

#[test]
fn a_file_of_windows_says_how_to_read_it() {
    for file in ["outlook_contacts.csv", "datev_lodas.txt"] {
        let error = crate::support::outcomes(&read_file("exports", file), NOTHING).unwrap_err();
        assert!(
            error.to_string().contains("--encoding windows-1252"),
            "{file}: {error}"
        );
    }
}

/// Columns that are read as another one with the same values: the number of an employee beside the
/// id by which a system knows the account.
const OTHER_NUMBERS: [(&str, &str); 2] = [
    ("successfactors_udf.csv", "USERID"),
    ("successfactors_udf.csv", "EMPID"),
];

#[test]
fn every_column_is_read_as_what_it_means() {
    let table = String::from_utf8(read_file("exports", "mapping.tsv")).unwrap();
    let mut read = HashMap::new();
    for line in table.lines().skip(1) {
        let row: Vec<_> = line.split('\t').collect();
        let (file, heading, meaning) = (row[0], row[1], row[2]);
        if !file.ends_with(".csv") || OTHER_NUMBERS.contains(&(file, heading)) {
            continue;
        }
        let columns = read.entry(file).or_insert_with(|| columns(file));
        let column = columns
            .iter()
            .find(|column| column.heading == heading)
            .unwrap();
        // Other names of a person are needed only to recognise managers.
        let field = column.field.filter(|field| *field != "key").unwrap_or("-");
        let expected = meaning.split(' ').next().unwrap();
        assert_eq!(field, expected, "{file}: {heading}");
    }
}

fn columns(file: &str) -> Vec<ColumnReport> {
    let said = if file == "outlook_contacts.csv" {
        WINDOWS
    } else {
        NOTHING
    };
    let bytes = read_file("exports", file);
    let import = Import::understand(&mut bytes.as_slice(), options(said)).unwrap();
    import.columns()
}
