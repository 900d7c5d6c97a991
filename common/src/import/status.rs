//! The status of employment, in the words of people and systems.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Status;
use crate::text;

/// Whose status a column tells. A suspended account is that of somebody who left; a suspended
/// employee is on leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum StatusOf {
    #[default]
    Employee,
    Account,
}

/// What a status says about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusReading {
    Status(Status),
    /// The row is a bot, a guest or another thing that is no employee.
    NotAPerson,
}

/// Reads a status word, ignoring case, accents, spaces and punctuation.
pub(super) fn read(text: &str, of: StatusOf) -> Option<StatusReading> {
    let word: String = text::folded(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let reading = match (words().get(word.as_str())?, of) {
        (Word::Status(status), _) => StatusReading::Status(*status),
        (Word::Suspended, StatusOf::Employee) => StatusReading::Status(Status::Leave),
        (Word::Suspended, StatusOf::Account) => StatusReading::Status(Status::Left),
        (Word::NotAPerson, _) => StatusReading::NotAPerson,
    };
    Some(reading)
}

/// What a word of the lists below says.
#[derive(Debug, Clone, Copy)]
enum Word {
    Status(Status),
    /// It depends on whose status it is.
    Suspended,
    NotAPerson,
}

/// The words of all lists. A word of two lists is that of the first.
fn words() -> &'static HashMap<&'static str, Word> {
    // Made once, since every row looks up a word.
    static WORDS: LazyLock<HashMap<&str, Word>> = LazyLock::new(|| {
        let lists = [
            (SUSPENDED, Word::Suspended),
            (ACTIVE, Word::Status(Status::Active)),
            (LEAVE, Word::Status(Status::Leave)),
            (LEFT, Word::Status(Status::Left)),
            (NOT_A_PERSON, Word::NotAPerson),
        ];
        let mut words = HashMap::new();
        for (list, meaning) in lists {
            for word in list.split_whitespace() {
                words.entry(word).or_insert(meaning);
            }
        }
        words
    });
    &WORDS
}

/// The status that a word means, in any of the languages; `None` if it is unknown.
pub fn status_named(text: &str) -> Option<Status> {
    match read(text, StatusOf::Employee)? {
        StatusReading::Status(status) => Some(status),
        StatusReading::NotAPerson => None,
    }
}

/// Reads a word that says whether an account is blocked, which is the opposite of active.
pub(super) fn read_blocked(text: &str) -> Option<StatusReading> {
    let opposite = |status| match status {
        Status::Active => Status::Left,
        Status::Leave | Status::Left => Status::Active,
    };
    match read(text, StatusOf::Account)? {
        StatusReading::Status(status) => Some(StatusReading::Status(opposite(status))),
        StatusReading::NotAPerson => None,
    }
}

const ACTIVE: &str = "active activated aktiv actif active activo activa ativo ativa attivo attiva \
    actief aktywny aktywna a 1 true yes y ja oui si sim tak vrai wahr verdadero enabled current \
    currentlyemployed employed employee working present hired accepted onboarding probation \
    inprobation onprobation probezeit noticeperiod onnotice member owner admin primaryowner \
    workspaceowner workspaceprimaryowner workspaceadmin orgowner regular confirmed provisioned \
    angestellt beschaftigt imdienst enposte present encursoactivo alta dealta empleado contratado \
    trabalhando emexercicio inforza inservizio assunto indienst werkzaam zatrudniony zatrudniona \
    pracuje fulltime parttime contract permanent";

const LEAVE: &str = "leave l onleave leaveofabsence loa paidleave unpaidleave absent inactiveonleave \
    parentalleave onparentalleave maternityleave paternityleave maternity paternity sabbatical \
    onsabbatical medicalleave sickleave longtermsick furlough furloughed garden gardenleave \
    auszeit beurlaubt ruhend abwesend langzeitkrank elternzeit inelternzeit mutterschutz \
    inmutterschutz freigestellt sabbatjahr enconge encongeparental encongematernite encongemaladie conge congesanssolde congeparental \
    congematernite arretmaladie contratsuspendu excedencia permiso enpermiso licencia delicencia \
    bajamedica debajamedica bajatemporal afastado afastada licenca emlicenca deferias ferias \
    inaspettativa aspettativa incongedo congedo maternita metverlof verlof ziek langdurigziek \
    naurlopie urlop urlopmacierzynski urlopwychowawczy zawieszony zwolnienielekarskie";

const LEFT: &str = "left terminated t i inactive deactivated deactivate disabled exited exit \
    resigned retired deceased former formeremployee ex offboarded offboarding separated \
    dismissed quit alumni archived deleted deprovisioned blocked notactive nolongeremployed \
    leaver relieved absconded fired discharged 0 false no n nein non nee nie faux falsch falso inaktiv ausgetreten ausgeschieden \
    gekundigt ehemalig beendet deaktiviert inactif inactive sorti sortie parti partie termine \
    ancien desactive inactivo inactiva baja debaja cesado despedido jubilado exempleado \
    desactivado inativo inativa desligado desligada demitido demitida aposentado rescindido \
    inattivo cessato cessata dimesso licenziato pensionato inactief uitdienst vertrokken \
    ontslagen nieaktywny nieaktywna zwolniony zwolniona odszedl odeszla niezatrudniony";

const SUSPENDED: &str = "suspended suspendu suspendido suspenso sospeso geschorst gesperrt";

const NOT_A_PERSON: &str = "bot app guest multichannelguest singlechannelguest invitedguest gast \
    invite invited pendinginvite serviceaccount";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_in_many_words() {
        for (words, status) in [
            (
                &[
                    "Active", "ACTIVE", "aktiv", "Actif", "Owner", "True", "A", "1", "Aktywny",
                ][..],
                Status::Active,
            ),
            (
                &[
                    "On Leave",
                    "leave",
                    "Leave of Absence",
                    "Auszeit",
                    "En congé",
                    "Afastado",
                    "Met verlof",
                ],
                Status::Leave,
            ),
            (
                &[
                    "Terminated",
                    "Inactive",
                    "Left",
                    "inaktiv",
                    "Uit dienst",
                    "Zwolniony",
                    "Cessato",
                    "Baja",
                    "False",
                ],
                Status::Left,
            ),
        ] {
            for word in words {
                assert_eq!(
                    read(word, StatusOf::Employee),
                    Some(StatusReading::Status(status)),
                    "{word}"
                );
            }
        }
        assert_eq!(
            read("Bot", StatusOf::Account),
            Some(StatusReading::NotAPerson)
        );
        assert_eq!(read("on fire", StatusOf::Employee), None);
    }

    #[test]
    fn suspended_means_something_else_for_an_account() {
        assert_eq!(
            read("Suspended", StatusOf::Account),
            Some(StatusReading::Status(Status::Left))
        );
        assert_eq!(
            read("Suspended", StatusOf::Employee),
            Some(StatusReading::Status(Status::Leave))
        );
    }

    #[test]
    fn a_blocked_account_is_that_of_somebody_who_left() {
        assert_eq!(
            read_blocked("True"),
            Some(StatusReading::Status(Status::Left))
        );
        assert_eq!(
            read_blocked("FALSE"),
            Some(StatusReading::Status(Status::Active))
        );
    }

    #[test]
    fn no_word_has_two_meanings() {
        let mut words: Vec<_> = [ACTIVE, LEAVE, LEFT, SUSPENDED, NOT_A_PERSON]
            .iter()
            .flat_map(|list| {
                let mut words: Vec<_> = list.split_whitespace().collect();
                words.sort_unstable();
                words.dedup();
                words
            })
            .collect();
        words.sort_unstable();
        let twice: Vec<_> = words.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
