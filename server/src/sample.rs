//! Sample employees, the same for the same seed, for demos and benchmarks.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use roster_common::{Changes, Field};

/// Names that fit together: both are from one script and region.
struct Names {
    first: &'static [&'static str],
    last: &'static [&'static str],
}

const NAMES: &[Names] = &[
    Names {
        first: &[
            "Alice",
            "Benjamin",
            "Charlotte",
            "Daniel",
            "Emma",
            "Frank",
            "Grace",
            "Henry",
            "Isla",
            "Jack",
        ],
        last: &[
            "Abernathy",
            "Brooks",
            "Carter",
            "Dawson",
            "Ellis",
            "Fletcher",
            "Graham",
            "Hughes",
            "Irving",
            "Jarvis",
        ],
    },
    Names {
        first: &[
            "Ana", "Bruno", "Carmen", "Diego", "Elena", "Fátima", "Gonzalo", "Inés", "João",
            "Lucía",
        ],
        last: &[
            "Álvarez",
            "Castaño",
            "Domínguez",
            "Echeverría",
            "Gonçalves",
            "Ibáñez",
            "Muñoz",
            "Peña",
            "Simões",
        ],
    },
    Names {
        first: &[
            "Agnieszka",
            "Bartłomiej",
            "Čeněk",
            "Dorota",
            "Jiří",
            "Łukasz",
            "Małgorzata",
            "Zdeňka",
        ],
        last: &[
            "Dvořák",
            "Jędrzejczak",
            "Kowalczyk",
            "Łoś",
            "Novotný",
            "Šimek",
            "Wiśniewski",
            "Żak",
        ],
    },
    Names {
        first: &[
            "Björn", "Freya", "Håkon", "Jürgen", "Liv", "Märta", "Søren", "Zoë",
        ],
        last: &[
            "Ångström",
            "Brügger",
            "Grønbæk",
            "Lindqvist",
            "Müller",
            "Sørensen",
            "van den Berg",
            "Weiß",
        ],
    },
    Names {
        first: &["Александр", "Вера", "Дмитрий", "Ирина", "Мария", "Олег"],
        last: &[
            "Волков",
            "Зайцева",
            "Кузнецов",
            "Лебедева",
            "Соколов",
            "Шевченко",
        ],
    },
    Names {
        first: &["Αλέξανδρος", "Δήμητρα", "Ελένη", "Νίκος", "Σοφία"],
        last: &["Αγγελόπουλος", "Γεωργίου", "Οικονόμου", "Παπαδάκη"],
    },
    Names {
        first: &["翔太", "さくら", "陽菜", "蓮", "美咲"],
        last: &["佐藤", "鈴木", "高橋", "田中", "渡辺", "小林"],
    },
    Names {
        first: &["伟", "芳", "秀英", "敏", "静"],
        last: &["王", "李", "张", "刘", "陈", "欧阳"],
    },
    Names {
        first: &["민준", "서연", "지훈", "하은"],
        last: &["김", "이", "박", "최", "정"],
    },
    Names {
        first: &["आरव", "दीपिका", "लता", "राहुल"],
        last: &["गुप्ता", "शर्मा", "वर्मा", "सिंह"],
    },
    Names {
        first: &["أحمد", "فاطمة", "ليلى", "يوسف"],
        last: &["الحسن", "حداد", "خليل", "منصور"],
    },
    Names {
        first: &["Anh", "Đức", "Hương", "Thảo"],
        last: &["Đặng", "Lê", "Nguyễn", "Trần"],
    },
];

/// Each department with what its people do.
const DEPARTMENTS: &[(&str, &[&str])] = &[
    (
        "Engineering",
        &[
            "Software Engineer",
            "Staff Engineer",
            "Site Reliability Engineer",
            "Engineering Manager",
        ],
    ),
    (
        "Operations",
        &[
            "Plant Operator",
            "Dispatcher",
            "Shift Lead",
            "Logistics Coordinator",
        ],
    ),
    ("Support", &["Support Engineer", "Support Lead"]),
    (
        "Sales",
        &[
            "Account Executive",
            "Sales Manager",
            "Sales Operations Analyst",
        ],
    ),
    (
        "Research & Development",
        &["Scientist", "Laboratory Technician"],
    ),
    ("Finance", &["Accountant", "Financial Analyst"]),
    (
        "People",
        &["People Partner", "Recruiter", "Payroll Specialist"],
    ),
    ("Legal", &["Counsel", "Paralegal"]),
];

const LOCATIONS: &[&str] = &[
    "Berlin",
    "New York",
    "東京",
    "São Paulo",
    "Kraków",
    "Hà Nội",
    "İstanbul",
    "Leeds",
    "Lagos",
    "서울",
];

/// The first day on which anybody was hired.
const FOUNDED: Date = date(1998, 1, 5);

/// `count` employees, in the order of the ids that they will have, which begin at 1.
pub fn employees(count: u64, seed: u64) -> impl Iterator<Item = Changes> {
    let mut random = fastrand::Rng::with_seed(seed);
    (1..=count).map(move |id| employee(id, &mut random))
}

fn employee(id: u64, random: &mut fastrand::Rng) -> Changes {
    let names = pick(NAMES, random);
    let (department, titles) = pick(DEPARTMENTS, random);
    let hired = FOUNDED.saturating_add(i64::from(random.u16(0..10_000)).days());
    let mut changes = Changes::default();
    for field in Field::ALL {
        let value = match field {
            Field::Firstname => (*pick(names.first, random)).to_owned(),
            Field::Lastname => (*pick(names.last, random)).to_owned(),
            Field::Email => format!("employee.{id}@example.com"),
            Field::Phone => phone(random),
            Field::Title => (*pick(titles, random)).to_owned(),
            Field::Department => (*department).to_owned(),
            Field::Location => (*pick(LOCATIONS, random)).to_owned(),
            Field::Manager => manager(id, random),
            Field::Status => status(random).to_owned(),
            Field::Hired => hired.to_string(),
            Field::Number => format!("E{id:05}"),
            Field::Notes => continue,
        };
        changes.set(field, value);
    }
    changes
}

fn phone(random: &mut fastrand::Rng) -> String {
    let (middle, last) = (random.u16(0..10_000), random.u16(0..10_000));
    format!("+1-555-{middle:04}-{last:04}")
}

/// Everyone but the first reports to someone hired earlier, about eight people per manager.
fn manager(id: u64, random: &mut fastrand::Rng) -> String {
    if id == 1 {
        String::new()
    } else {
        random.u64(1..=(id / 8).max(1)).to_string()
    }
}

fn status(random: &mut fastrand::Rng) -> &'static str {
    match random.u8(0..100) {
        0..4 => "leave",
        4..10 => "left",
        _ => "active",
    }
}

fn pick<'a, T>(from: &'a [T], random: &mut fastrand::Rng) -> &'a T {
    // Every table above has entries.
    &from[random.usize(0..from.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_employee_is_valid() {
        for changes in employees(2000, 7) {
            changes.to_details().unwrap();
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_employees() {
        let people = |seed| employees(50, seed).collect::<Vec<_>>();
        assert_eq!(people(1), people(1));
        assert_ne!(people(1), people(2));
    }

    #[test]
    fn managers_come_before_their_reports() {
        for (id, changes) in (1u64..).zip(employees(500, 3)) {
            let manager = changes.get(Field::Manager).unwrap_or_default();
            assert!(manager.is_empty() == (id == 1) && manager.parse().unwrap_or(0) < id);
        }
    }
}
