//! More layouts of HR systems, directories and spreadsheets, in eight languages. None needs a
//! mapping.

use crate::support::{Said, compare};

const NOTHING: Said = Said {
    map: &[],
    encoding: None,
    dates: None,
    strict: false,
};

/// A test for each file, named after it.
macro_rules! files {
    ($($name:ident: $file:literal, $said:expr;)*) => {
        $(
            #[test]
            fn $name() {
                compare("layouts", $file, $said);
            }
        )*
    };
}

files! {
    horilla: "horilla_work_info.csv", NOTHING;
    hibob: "hibob_people.csv", NOTHING;
    gusto: "gusto_employees.csv", NOTHING;
    zoho_people: "zoho_people.csv", NOTHING;
    keka: "keka_employees.csv", NOTHING;
    gam: "gam_print_users.csv", NOTHING;
    microsoft_graph: "graph_users.json", NOTHING;
    scim: "scim_users.ndjson", NOTHING;
    factorial_in_spanish: "factorial_empleados.csv", NOTHING;
    teamsystem_in_italian: "teamsystem_anagrafica.csv", NOTHING;
    afas_in_dutch: "afas_medewerkers.csv", NOTHING;
    enova_in_polish: "enova_pracownicy.csv", Said { encoding: Some("windows-1250"), ..NOTHING };
    convenia_in_portuguese: "convenia_colaboradores.csv", NOTHING;
    silae_in_french: "silae_salaries.csv", NOTHING;
    paylocity: "paylocity_census.csv", NOTHING;
    a_spreadsheet_by_hand: "by_hand.tsv", NOTHING;
    an_address_book: "contacts_3.vcf", NOTHING;
    sage_hr: "sage_hr_employees.csv", NOTHING;
}
