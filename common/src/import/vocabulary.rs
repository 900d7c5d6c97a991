//! The headings that mean something, in eight languages.
//!
//! A heading is compared in the form of [`folded_heading`]: letters and digits only, without case
//! and accents. To teach the importer a heading, add that form to the list of its meaning. The
//! words of one line are equally good; those of an earlier line are preferred, so that a file's
//! work phone wins over its mobile.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::heading::folded_heading;
use crate::employee::Field;

/// What a column tells about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// The value of a field.
    Field(Field),
    /// The id in Roster, as in its own exports.
    Id,
    /// The whole name.
    FullName,
    /// A particle that belongs before the family name, as in Dutch files.
    Particle,
    /// A second family name, as in Spanish files.
    SecondLastname,
    /// Another name or identifier by which a manager may be named.
    Key,
    /// A status that is inverted: whether the account is blocked.
    Blocked,
    /// The last day of work.
    Leaving,
    /// The kind of account: guests and bots are not people.
    AccountKind,
    /// Known, but not needed.
    Ignored,
}

impl Meaning {
    /// The meanings besides the fields that `--map` can give to a column.
    const NAMED: [(&str, Self); 4] = [
        ("id", Self::Id),
        ("name", Self::FullName),
        ("key", Self::Key),
        ("leaving", Self::Leaving),
    ];

    /// The names that [`Meaning::from_name`] reads.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let fields = Field::ALL.into_iter().map(Field::name);
        fields.chain(Self::NAMED.map(|(name, _)| name))
    }

    /// Reads the name of a meaning, as in `--map`: a field, `id`, `name`, `key` or `leaving`.
    pub fn from_name(name: &str) -> Option<Self> {
        let field = Field::from_name(name).map(Self::Field);
        field.or_else(|| {
            let other = Self::NAMED.into_iter().find(|(known, _)| *known == name);
            other.map(|(_, meaning)| meaning)
        })
    }

    /// Returns `true` if a file may have several such columns.
    pub(super) fn is_repeatable(self) -> bool {
        matches!(self, Self::Key | Self::AccountKind | Self::Ignored)
    }
}

/// A meaning, and how well a heading fits it: 0 is best.
pub(crate) type Ranked = (Meaning, u8);

/// The rank of headings that fit only after their filler words have been removed.
const LOOSE: u8 = 20;

/// The meaning of a heading.
pub(crate) fn meaning_of(heading: &str) -> Option<Ranked> {
    let folded = folded_heading(heading);
    if folded.is_empty() {
        return None;
    }
    exact(&folded).or_else(|| loose(heading))
}

fn exact(folded: &str) -> Option<Ranked> {
    static TABLE: LazyLock<HashMap<&str, Ranked>> = LazyLock::new(table);
    TABLE.get(folded).copied()
}

/// The meaning without words such as “employee” and “current”. A heading with a word that makes it
/// something else, such as “private” or “code”, has none.
fn loose(heading: &str) -> Option<Ranked> {
    const FILLERS: &str = "employee employees worker workers staff user users current primary work \
        business company office main official legal default person people member hr \
        mitarbeiter dienstlich employe salarie empleado trabajador pracownik funcionario \
        dipendente medewerker werknemer field";
    const OTHERS: &str = "personal private privat home secondary alternate alternative other \
        emergency spouse birth code previous former second matrix assistant contact old new \
        reason type group country national date time custom pay salary bank account url image";
    let words: Vec<_> = heading
        .split(|c: char| !c.is_alphanumeric())
        .map(folded_heading)
        .filter(|word| !word.is_empty())
        .collect();
    let is_one_of = |list: &str, word: &str| list.split_whitespace().any(|other| other == word);
    if words.iter().any(|word| is_one_of(OTHERS, word)) {
        return None;
    }
    let kept: String = words
        .iter()
        .filter(|word| !is_one_of(FILLERS, word))
        .map(String::as_str)
        .collect();
    // No list has as many lines as `LOOSE`, so every exact heading wins over a loose one.
    let (meaning, rank) = exact(&kept)?;
    Some((meaning, rank.saturating_add(LOOSE)))
}

fn table() -> HashMap<&'static str, Ranked> {
    let mut table = HashMap::new();
    for (meaning, lines) in HEADINGS {
        for (rank, line) in (0..).zip(*lines) {
            for word in line.split_whitespace() {
                table.entry(word).or_insert((*meaning, rank));
            }
        }
    }
    table
}

/// The headings of each meaning. A word that is listed twice has its first meaning.
const HEADINGS: &[(Meaning, &[&str])] = &[
    (Meaning::Id, &["id"]),
    (
        Meaning::Field(Field::Firstname),
        &[
            "firstname givenname forename vorname prenom nombres imie primeironome primonome \
                voornaam namefirst fname namegivenname firstnameenglish rufname",
            "legalfirstname legalgivenname roepnaam usualfirstname prenomusuel duevovorname \
                firstnames givennames profilefirstname",
            "preferredfirstname commonname1 gn knownas voornamen voorletters",
        ],
    ),
    (
        Meaning::Field(Field::Lastname),
        &[
            "lastname surname familyname nachname familienname zuname nomdefamille apellidos \
                apellido primerapellido nazwisko sobrenome apelido ultimonome cognome achternaam \
                familienaam namelast lname namefamilyname apellidopaterno secondname lastnameenglish",
            "legallastname legalfamilyname legalsurname sn duevofamilienname nomusage \
                nomdusage geboortenaam lastnames profilelastname",
            "preferredlastname",
        ],
    ),
    (
        Meaning::SecondLastname,
        &["segundoapellido apellidomaterno secondlastname"],
    ),
    (
        Meaning::Particle,
        &[
            "tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels namensvorsatz surnameprefix \
            lastnameprefix namensvorsatzwort",
        ],
    ),
    (
        Meaning::FullName,
        &[
            "fullname employeename employeefullname workername staffname completename \
                nomcomplet nometprenom nomprenom prenomnom nombrecompleto nombreyapellidos \
                apellidosynombre nomecompleto nomecognome cognomenome imieinazwisko nazwiskoiimie \
                nazwiskoimie volledigenaam lastnamefirstname nachnamevorname namevorname \
                vornamenachname vorundnachname vollstandigername mitarbeitername membername \
                cognomeenome nomeecognome namefull nomdelemploye nombredelempleado nomedofuncionario",
            "name worker employee mitarbeiter mitarbeiterin salarie collaborateur employe empleado \
                empleada trabajador colaborador funcionario dipendente medewerker werknemer pracownik \
                nom nombre nome naam nazwa person associate teammember",
            "displayname anzeigename nomaffiche realname preferredname namedisplayname",
            "cn commonname formattedname fn nickname",
        ],
    ),
    (
        Meaning::Field(Field::Email),
        &[
            "workemail emailwork workemailaddress emailprimarywork primaryworkemail \
                workcontactworkemail companyemail companyemailaddress companymail businessemail \
                businessemailaddress businessemailinformationemailaddress corporateemail \
                officialemail officialemailid emailbusiness dienstlicheemail emaildienstlich \
                emailgeschaftlich geschaftlicheemail geschaftlicheemailadresse emailarbeit \
                emailprofessionnel emailprofessionnelle adresseemailprofessionnelle \
                courrielprofessionnel emailpro mailpro correocorporativo correodetrabajo \
                correoempresa emaildetrabajo emailcorporativo emailprofissional emaildetrabalho \
                emailaziendale mailaziendale werkmail emailwerk emailzakelijk zakelijkemail \
                zakelijkemailadres zakelijkeemail emailsluzbowy sluzbowyemail mailsluzbowy",
            "email emailaddress mail mailaddress emailid email1 emailadresse mailadresse \
                adressemail adresseemail adressedemessagerie courriel adresseelectronique correo \
                correoelectronico direcciondecorreo direcciondecorreoelectronico emailadres \
                mailadres adresemail adresmail poczta postaelettronica indirizzoemail \
                enderecodeemail correiodeeletronico primaryemail useremail emailaddress1 emailsvalue emails0value emails0address \
                emailprimary electronicmail emailvalue",
            "userprincipalname upn primarysmtpaddress windowsemailaddress primaryemailaddress",
            "emails",
        ],
    ),
    (
        Meaning::Field(Field::Phone),
        &[
            "workphone officephone businessphone workphonenumber phonework workcontactworkphone \
                bizphone businessphonenumber officenumber worktelephone workphoneextension \
                diensttelefon telefondienstlich telefongeschaftlich telefonarbeit telefonburo \
                telephoneprofessionnel telpro telephonepro telefonodetrabajo telefonoempresa \
                telefonocorporativo telefonecorporativo telefonecomercial telefonoufficio \
                telefonoaziendale telefoonwerk werktelefoon telefoonzakelijk telefonsluzbowy \
                companyphone phonebusiness",
            "phone phonenumber telephone telephonenumber telefon telefonnummer tel telnr telno \
                rufnummer telefono telefoon telefoonnummer numertelefonu nrtelefonu telefone \
                contactnumber contactno primaryphone numerodetelephone numerodetelefono phoneno \
                phone1 phone1value phones0value businessphones businessphones0 phonenumbersvalue",
            "mobile mobilephone mobilenumber mobilephonenumber workmobile mobileno cell cellphone \
                handy handynummer mobil mobilnummer mobiltelefon mobiltelefonnummer portable \
                telephoneportable telephonemobile movil telefonomovil telemovel celular \
                telefonekomorkowy telefonkomorkowy komorka cellulare mobiel mobielnummer",
            "phones phonenumbers",
        ],
    ),
    (
        Meaning::Field(Field::Title),
        &[
            "jobtitle jobtitledescription jobtitlename employeetitle positiontitle worktitle \
                businesstitle currentjobprofile jobprofile designation stellenbezeichnung \
                jobbezeichnung positionsbezeichnung berufsbezeichnung tatigkeit \
                intituleduposte intituleposte titreduposte libelleposte puesto puestodetrabajo \
                cargo stanowisko stanowiskopracy mansione qualifica functietitel functienaam functie \
                organizations0title organizationstitle jobtitleen",
            "position title titel poste funktion fonction emploi funcao funzione job jobname role \
                jobrole rol rola beruf titre titulo titolo occupation jobposition positionname \
                currentposition ruolo job1title",
        ],
    ),
    (
        Meaning::Field(Field::Department),
        &[
            "department departmentname departmentdescription homedepartmentdescription \
                departments dept deptname abteilung abteilungsname departement nomduservice \
                departamento dipartimento reparto afdeling afdelingsnaam dzial departament \
                organizations0department organizationsdepartment",
            "service setor area komorkaorganizacyjna wydzial bereich supervisoryorganization \
                orglevel1 organizationalunit organisationseinheit orgunit orgunitname \
                organisatorischeeenheit unit departmentnumber homedepartment",
            "stammkostenstelle team teamname equipe equipo team1 division divisionname businessunit",
        ],
    ),
    (
        Meaning::Field(Field::Location),
        &[
            "officelocation worklocation locationdescription worklocationname \
                physicaldeliveryofficename standort arbeitsort lieudetravail centrodetrabajo \
                lugardetrabajo localdetrabalho miejscepracy luogodilavoro sededilavoro sedelavoro \
                werklocatie standplaats jobinformationlocation",
            "location locationname office officename buro site etablissement ubicacion lokalizacja \
                sede localidade locatie kantoor buero localisation localizacao oficina biuro \
                workplace worksite sitename",
            "branch branchname locations0buildingid niederlassung filiale betriebsstatte agence sucursal oddzial filial \
                vestiging building buildingid bureau",
            "workcity city town ort stadt ville ciudad miasto cidade citta stad plaats adresseort l \
                localityname wohnort woonplaats businesscity locality",
            "locations",
        ],
    ),
    (
        Meaning::Field(Field::Manager),
        &[
            "managerid manageremail manageremailaddress manageremployeeid manageremployeenumber \
                managernumber managerworkemail managerworkemailaddress managerupn supervisorid \
                supervisoremail supervisoremployeenumber supervisoremployeeid \
                reportstoassociateid reportstoid reportstoemail reportingmanagerid \
                reportingmanageremail reportingmanageremployeeid reportingmanageremployeenumber \
                linemanageremail linemanagerid manageridentifier directmanageremail directmanagerid \
                vorgesetztennummer vorgesetzteremail personalnummervorgesetzter \
                emailmanager emailresponsable emaildumanager matriculemanager matriculeresponsable \
                emaildelresponsable emailgestor emailresponsabile idprzelozonego emailprzelozonego \
                emailleidinggevende leidinggevendeemail managerupnemail supervisorworkemail \
                relationsmanagervalue relations0value managervalue reportstoworkemail managerworkeremail",
            "manager managername managerdisplayname managersname managerfullname linemanager linemanagername \
                supervisor supervisorname reportsto reportstoname reportingto reportingmanager \
                reportingmanagername directmanager workermanager employeemanager \
                vorgesetzter vorgesetzte vorgesetztername fuhrungskraft direktefuhrungskraft \
                direktervorgesetzter responsable responsablehierarchique responsabledirecto \
                superieurhierarchique superieur managerdirect n1 jefe jefedirecto jefeinmediato \
                gerente gestor gestordireto gestorimediato lider przelozony bezposrediprzelozony \
                bezposredniprzelozony kierownik menedzer responsabile responsabilediretto superiore \
                leidinggevende directleidinggevende teamlead teamleiter teamleider manager1 \
                peoplemanager managers",
            "supervisingmanager functionalmanager",
        ],
    ),
    (
        Meaning::Field(Field::Status),
        &[
            "status workerstatus lifecyclestatus positionstatus employeestatus accountstatus userstatus \
                mitarbeiterstatus personalstatus statut statutsalarie statutdusalarie statutemploye \
                estado estadodelempleado situacao situacaodofuncionario statuspracownika \
                statozatrudnienia stato statodipendente statusmedewerker employeeworkstatus \
                statuspraconika",
            "employmentstatus beschaftigungsstatus statusemploi estadolaboral statuszatrudnienia \
                dienstverbandstatus workstatus activestatus",
            "accountenabled enabled active isactive aktiv actif active1 activo ativo attivo \
                actief aktywny employeeactive useractive activeemployee aktywna inservice",
        ],
    ),
    (
        Meaning::Blocked,
        &[
            "blockcredential blocked signinblocked isblocked disabled isdisabled accountdisabled \
                suspended issuspended gesperrt terminated isterminated archived inactive deactivated",
        ],
    ),
    (
        Meaning::Field(Field::Hired),
        &[
            "hiredate dateofhire datejoining employeehiredate hiredon hired lasthire lasthiredate dateofjoining joiningdate doj \
                joiningdatedoj startdate employmentstartdate workstartdate datehired datejoined \
                joindate joinedon joined started dateofemployment employmentdate eintrittsdatum eintritt \
                eintrittdatum anstelldatum einstellungsdatum einstelldatum anstellungsdatum \
                startdatum eintrittam beschaftigungsbeginn dateembauche datedembauche dateentree \
                datedentree datedentreedanslentreprise  fechadealta fechaalta fechaingreso \
                fechadeingreso fechadecontratacion fechacontratacion fechadeincorporacion \
                datazatrudnienia dataadmissao datadeadmissao dataassunzione datadiassunzione \
                datumindienst datumindiensttreding indiensttreding indienst dtcontractstart \
                dateindienst employmenthiredate",
            "hirerehiredate firstdayofwork firstday firstdate contractstart contractstartdate \
                vertragsbeginn datedebut datedebutcontrat datededebut fechainicio fechadeinicio \
                datainicio datainizio datarozpoczecia begindatum startdienstverband dateofstart",
            "originalhire originalhiredate ersteintrittsdatum servicestartdate \
                seniority senioritydate rehiredate",
        ],
    ),
    (
        Meaning::Leaving,
        &[
            "leavingdate leavedate terminationdate dateoftermination enddate exitdate lastday \
                lastdayofwork lastworkingday lastworkdate lastworkingdate lastdayofemployment \
                relievingdate dateofexit dateofleaving dateleft departuredate resignationdate austrittdatum \
                austrittsdatum austritt austrittam letzterarbeitstag datedesortie datesortie \
                datedepart datededepart fechadebaja fechabaja datazwolnienia datarozwiazania \
                datadesligamento datadedesligamento datademissao datacessazione datadicessazione \
                datumuitdienst uitdienst uitdiensttreding datumuitdiensttreding employmentenddate",
        ],
    ),
    (
        Meaning::Field(Field::Number),
        &[
            "employeeid employeenumber employeeno empno empid empcode employeecode personnelnumber \
                personnelno personalnummer personalnr persnr mitarbeiternummer mitarbeiternr \
                mitarbeiterid pnr employeeidentifier matricule matriculesalarie numerodematricule codigodeempleado \
                codigoempleado numerodeempleado numeroempleado idempleado matricula codigofuncionario \
                numerodefuncionario numerpracownika nrewidencyjny numerewidencyjny nrpracownika \
                codicedipendente numeromatricola matricola personeelsnummer medewerkernummer \
                medewerkerid medewerkercode werknemersnummer associateid staffid staffnumber staffno \
                payrollnumber badgeid badgenumber organizationalidnumber employeenum workerid \
                numeroemploye numerosalarie",
            "number filenumber personid personnumber externalemployeeid hremployeeid \
                externalids0value payrollid numero nummer numer no nr",
        ],
    ),
    (
        Meaning::Key,
        &[
            "login loginname username user userid uid samaccountname objectid objectguid externalid \
                dn distinguishedname mailnickname alias uniqueid guid uuid identifiant usuario \
                benutzername nomdutilisateur nomeutente gebruikersnaam nazwauzytkownika \
                employeeexternalid key systemid entryuuid",
        ],
    ),
    (
        Meaning::AccountKind,
        &["usertype accounttype recipienttypedetails objectclass"],
    ),
    (
        Meaning::Field(Field::Notes),
        &[
            "notes note comments comment remarks remark bemerkung bemerkungen notiz notizen \
                anmerkung anmerkungen remarque remarques commentaire commentaires notas nota \
                observaciones comentarios observacoes uwagi notatki osservazioni opmerking \
                opmerkingen notities",
            "description",
        ],
    ),
    (
        Meaning::Ignored,
        &[
            "version created updated updatedby importerrors middlename middleinitial mi gender sex \
                dateofbirth birthdate birthday dob geburtsdatum datedenaissance \
                fechadenacimiento datanascimento datadinascita dataurodzenia geboortedatum password",
        ],
    ),
];

/// The known headings that resemble an unknown one most, at most three.
pub(super) fn nearest(heading: &str) -> Vec<&'static str> {
    let folded = folded_heading(heading);
    let allowed = (folded.len() / 4).min(3);
    let words = HEADINGS
        .iter()
        .filter(|(meaning, _)| *meaning != Meaning::Ignored)
        .flat_map(|(_, lines)| lines.iter().flat_map(|line| line.split_whitespace()));
    // The distance is at least the difference of the lengths, which costs nothing to compare.
    let near = words.filter(|word| word.len().abs_diff(folded.len()) <= allowed);
    let mut near: Vec<_> = near
        .map(|word| (strsim::damerau_levenshtein(&folded, word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    near.sort_unstable();
    near.truncate(3);
    near.into_iter().map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_heading_is_in_its_folded_form_and_listed_once() {
        let mut seen: HashMap<&str, Meaning> = HashMap::new();
        for (meaning, lines) in HEADINGS {
            for word in lines.iter().flat_map(|line| line.split_whitespace()) {
                assert_eq!(folded_heading(word), word, "{meaning:?}");
                if let Some(other) = seen.insert(word, *meaning) {
                    panic!("{word} is {other:?} and {meaning:?}");
                }
            }
        }
        for field in Field::ALL {
            assert_eq!(seen.get(field.name()), Some(&Meaning::Field(field)));
        }
    }

    #[test]
    fn headings_are_known_however_they_are_written() {
        let field = |heading: &str| meaning_of(heading).map(|(meaning, _)| meaning);
        for (heading, expected) in [
            ("First Name [Required]", Field::Firstname),
            ("* E-Mail", Field::Email),
            ("work_email", Field::Email),
            ("Prénom", Field::Firstname),
            ("Imię", Field::Firstname),
            ("Büro", Field::Location),
            ("Worker's Manager", Field::Manager),
            ("Manager's Name", Field::Manager),
            ("Employee Department", Field::Department),
            ("Work Contact: Work Phone", Field::Phone),
            ("Manager - Work email", Field::Manager),
            ("Dział", Field::Department),
        ] {
            assert_eq!(field(heading), Some(Meaning::Field(expected)), "{heading}");
        }
        assert_eq!(field("Employee #"), Some(Meaning::Field(Field::Number)));
        assert_eq!(field("Last name, First name"), Some(Meaning::FullName));
    }

    #[test]
    fn decoys_mean_nothing() {
        for heading in [
            "Personal Email",
            "Job Title Code",
            "Location Code",
            "Home Phone",
            "Work Secondary Email",
            "other_email",
            "Reports To Code",
            "shoe size",
            "",
            "***",
        ] {
            assert_eq!(meaning_of(heading), None, "{heading}");
        }
    }

    #[test]
    fn the_nearest_headings_are_suggested() {
        assert_eq!(nearest("Departmnt")[0], "department");
        assert!(nearest("cost center").is_empty());
    }
}
