//! Departments, titles and places, as a company of a given size has them.

use std::ops::RangeInclusive;

use super::pick::{pick, pick_tailed};

/// Where someone stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    /// The head of the company.
    Chief,
    /// The head of a department.
    Head,
    Manager,
    Member,
}

/// What someone does.
pub(super) struct Job {
    pub(super) department: String,
    pub(super) title: String,
}

/// The heads of the departments: they report to the head of the company.
pub(super) const HEADS: RangeInclusive<u64> = 2..=1 + DEPARTMENTS.len() as u64;

/// The job of someone who works for a head of department, who is known by their id.
pub(super) fn job(rank: Rank, head: u64, count: u64, random: &mut fastrand::Rng) -> Job {
    let (name, roles) = match rank {
        Rank::Chief => ("Executive Office", DEPARTMENTS[0].1),
        _ => DEPARTMENTS[head.saturating_sub(*HEADS.start()) as usize % DEPARTMENTS.len()],
    };
    let role = pick_tailed(roles, random);
    let title = match rank {
        Rank::Chief => "Chief Executive Officer".to_owned(),
        Rank::Head => format!("Vice President, {name}"),
        Rank::Manager => format!("{}{role}", pick_tailed(&LEADS, random)),
        Rank::Member => format!(
            "{}{role}{}",
            pick_tailed(&LEVELS, random),
            pick(&TRACKS, random)
        ),
    };
    Job {
        department: department(name, rank, count, random),
        title,
    }
}

/// A department, divided into units if the company is large.
fn department(name: &str, rank: Rank, count: u64, random: &mut fastrand::Rng) -> String {
    let units = match count {
        0..200 => 0,
        200..5000 => 4,
        _ => UNITS.len(),
    };
    let units = UNITS.get(..units).unwrap_or_default();
    if units.is_empty() || matches!(rank, Rank::Chief | Rank::Head) || random.u8(0..4) == 0 {
        name.to_owned()
    } else {
        format!("{name} {}", pick_tailed(units, random))
    }
}

/// A place of work: most people are at a few of them.
pub(super) fn location(random: &mut fastrand::Rng) -> &'static str {
    pick_tailed(&LOCATIONS, random)
}

/// Before the role of someone who leads others.
static LEADS: [&str; 4] = ["Lead ", "Managing ", "Principal ", "Head "];

/// Before the role of someone else.
static LEVELS: [&str; 6] = ["", "Senior ", "Junior ", "Associate ", "Staff ", "Interim "];

/// Behind the role.
static TRACKS: [&str; 5] = ["", "", "", " I", " II"];

static UNITS: [&str; 16] = [
    "EMEA",
    "Americas",
    "APAC",
    "Platform",
    "Field",
    "Services",
    "North",
    "South",
    "West",
    "East",
    "Programs",
    "Partners",
    "Labs",
    "Tooling",
    "Strategy",
    "Compliance",
];

/// Each department with what its people do.
static DEPARTMENTS: [(&str, &[&str]); 12] = [
    (
        "Engineering",
        &[
            "Software Engineer",
            "Site Reliability Engineer",
            "Test Engineer",
            "Data Engineer",
            "Security Engineer",
            "Systems Architect",
        ],
    ),
    (
        "Operations",
        &[
            "Plant Operator",
            "Dispatcher",
            "Logistics Coordinator",
            "Shift Planner",
            "Buyer",
        ],
    ),
    (
        "Support",
        &["Support Engineer", "Customer Advocate", "Field Technician"],
    ),
    (
        "Sales",
        &[
            "Account Executive",
            "Sales Operations Analyst",
            "Solutions Consultant",
            "Sales Agent",
        ],
    ),
    (
        "Research & Development",
        &[
            "Scientist",
            "Laboratory Technician",
            "Research Fellow",
            "Product Designer",
        ],
    ),
    (
        "Finance",
        &[
            "Accountant",
            "Financial Analyst",
            "Controller",
            "Auditor",
            "Treasurer",
        ],
    ),
    (
        "People",
        &[
            "People Partner",
            "Recruiter",
            "Payroll Specialist",
            "Trainer",
        ],
    ),
    (
        "Legal",
        &[
            "Counsel",
            "Paralegal",
            "Privacy Officer",
            "Contract Specialist",
        ],
    ),
    (
        "Marketing",
        &[
            "Content Writer",
            "Campaign Planner",
            "Brand Designer",
            "Market Analyst",
        ],
    ),
    (
        "Manufacturing",
        &[
            "Machinist",
            "Welder",
            "Assembler",
            "Quality Inspector",
            "Toolmaker",
        ],
    ),
    (
        "Information Technology",
        &["Systems Administrator", "Network Engineer", "Desk Analyst"],
    ),
    (
        "Facilities",
        &["Electrician", "Gardener", "Receptionist", "Safety Officer"],
    ),
];

static LOCATIONS: [&str; 40] = [
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
    "London",
    "München",
    "Zürich",
    "Łódź",
    "Göteborg",
    "Αθήνα",
    "Київ",
    "القاهرة",
    "मुंबई",
    "上海",
    "大阪",
    "Bogotá",
    "México",
    "Córdoba",
    "Lisboa",
    "Montréal",
    "Dublin",
    "Nairobi",
    "Accra",
    "Manila",
    "Jakarta",
    "Brno",
    "Malmö",
    "Ostrava",
    "Porto",
    "Sevilla",
    "Bristol",
    "Austin",
    "Denver",
    "Perth",
];
