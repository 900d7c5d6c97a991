//! Names that fit together: both are from one script and region.
//!
//! Where a list would be long, a rule makes the names: most are put together from a beginning and
//! an ending.

use super::pick::pick_tailed;

/// The names of a region.
pub(super) struct Region {
    /// The country code of its phone numbers.
    pub(super) calling_code: u16,
    /// How many of a hundred people come from there.
    share: u8,
    first: Names,
    last: Names,
}

/// How names are made.
struct Names {
    beginnings: &'static [&'static str],
    /// Written behind a beginning.
    endings: &'static [&'static str],
    /// Stands between the two parts of a double name; `None` if there are none.
    between: Option<&'static str>,
}

/// How many of a hundred names are double where the region has such names.
const DOUBLE_NAMES: u8 = 30;

impl Names {
    /// Whole names, of which one or two make a name.
    const fn whole(names: &'static [&'static str], between: Option<&'static str>) -> Self {
        Self {
            beginnings: names,
            endings: &[""],
            between,
        }
    }

    /// Beginnings and endings, of which each makes a name with each.
    const fn joined(
        beginnings: &'static [&'static str],
        endings: &'static [&'static str],
        between: Option<&'static str>,
    ) -> Self {
        Self {
            beginnings,
            endings,
            between,
        }
    }

    fn make(&self, random: &mut fastrand::Rng) -> String {
        let mut name = String::new();
        self.add(&mut name, random);
        // Double names make the long tail: nearly every one is rare.
        if let Some(between) = self.between
            && random.u8(0..100) < DOUBLE_NAMES
        {
            name.push_str(between);
            self.add(&mut name, random);
        }
        name
    }

    fn add(&self, name: &mut String, random: &mut fastrand::Rng) {
        name.push_str(pick_tailed(self.beginnings, random));
        name.push_str(pick_tailed(self.endings, random));
    }
}

impl Region {
    pub(super) fn first_name(&self, random: &mut fastrand::Rng) -> String {
        self.first.make(random)
    }

    pub(super) fn last_name(&self, random: &mut fastrand::Rng) -> String {
        self.last.make(random)
    }
}

/// The region that someone comes from.
pub(super) fn region(random: &mut fastrand::Rng) -> &'static Region {
    let mut left = random.u8(0..100);
    let here = |region: &&Region| {
        let is_here = left < region.share;
        left = left.wrapping_sub(region.share);
        is_here
    };
    let found = REGIONS.iter().find(here);
    found.unwrap_or(&REGIONS[0])
}

/// All regions. Their shares add up to a hundred.
static REGIONS: [Region; 12] = [
    Region {
        calling_code: 44,
        share: 30,
        first: Names::whole(
            &[
                "Alice",
                "James",
                "Olivia",
                "Grace",
                "Henry",
                "Isla",
                "Jack",
                "Emma",
                "Daniel",
                "Charlotte",
                "Benjamin",
                "Frank",
                "Maya",
                "Noah",
                "Ruby",
                "Samuel",
                "Thea",
                "Victor",
                "Wendy",
                "Owen",
                "Phoebe",
                "Quentin",
                "Rory",
                "Sybil",
                "Tobias",
            ],
            Some("-"),
        ),
        last: Names::joined(
            &[
                "Ash", "Brad", "Clif", "Dun", "Ever", "Fair", "Glen", "Hart", "Kings", "Lang",
                "Mar", "Nor", "Oak", "Pem", "Rad", "Shel", "Stan", "Thorn", "Wal", "Whit", "Win",
                "Ald", "Bur", "Crans", "Den", "Ell", "Farn", "Gran", "Hol", "Ing", "Ken", "Lin",
                "Mel", "Neth", "Or", "Pick", "Quin", "Rush", "Sel", "Tem", "Up", "Ver", "Wex",
                "Yar",
            ],
            &[
                "ton", "ley", "ford", "worth", "ham", "field", "well", "wood", "by", "more",
                "land", "ridge", "bury", "combe", "den", "gate", "hurst", "lock", "man", "ner",
                "over", "port", "sby", "thorpe", "wick", "stone", "bourne", "croft", "dale",
                "mouth",
            ],
            Some("-"),
        ),
    },
    Region {
        calling_code: 34,
        share: 14,
        first: Names::whole(
            &[
                "Ana", "Carmen", "Diego", "Lucía", "Elena", "João", "Inés", "Bruno", "Fátima",
                "Gonzalo", "Marta", "Pablo", "Rocío", "Sergio", "Teresa", "Álvaro", "Ximena",
            ],
            Some(" "),
        ),
        last: Names::whole(
            &[
                "Álvarez",
                "Muñoz",
                "Peña",
                "Domínguez",
                "Gonçalves",
                "Ibáñez",
                "Castaño",
                "Simões",
                "Echeverría",
                "Núñez",
                "Ferreira",
                "Quiroga",
                "Cabrera",
                "Salazar",
                "Zubiría",
                "Villalobos",
                "Bermúdez",
                "Carvalho",
                "Pizarro",
                "Urrutia",
                "Arteaga",
                "Lacerda",
                "Madrigal",
                "Noronha",
                "Olivares",
            ],
            Some(" "),
        ),
    },
    Region {
        calling_code: 49,
        share: 12,
        first: Names::whole(
            &[
                "Jürgen", "Anna", "Lukas", "Greta", "Björn", "Zoë", "Märta", "Søren", "Freya",
                "Håkon", "Liv", "Klaus", "Ute", "Matthias", "Sabine", "Wolf", "Jörg",
            ],
            Some("-"),
        ),
        last: Names::joined(
            &[
                "Acker", "Berg", "Brück", "Eich", "Feld", "Grün", "Hell", "Hoch", "Kirch", "Lind",
                "Mühl", "Neu", "Ober", "Rosen", "Sand", "Schön", "Stein", "Tal", "Weiß", "Wald",
                "Ziegel", "Blum", "Dorn", "Fisch", "Gold", "Hasel", "Kalten", "Löwen", "Nieder",
                "Ånger", "Grøn",
            ],
            &[
                "mann", "er", "bauer", "bach", "hof", "meier", "müller", "stein", "feld", "hauser",
                "berger", "qvist", "ström", "hagen", "kamp", "brink", "reuter", "loh",
            ],
            Some("-"),
        ),
    },
    Region {
        calling_code: 48,
        share: 9,
        first: Names::whole(
            &[
                "Agnieszka",
                "Łukasz",
                "Małgorzata",
                "Jiří",
                "Dorota",
                "Zdeňka",
                "Bartłomiej",
                "Čeněk",
                "Tomasz",
                "Zofia",
                "Vojtěch",
                "Šárka",
            ],
            Some(" "),
        ),
        last: Names::joined(
            &[
                "Wiśniew", "Kowal", "Jędrzej", "Dvořá", "Novot", "Šim", "Ża", "Sikor", "Zieliń",
                "Bąk", "Pawł", "Gór", "Krawie", "Lewand", "Majew", "Ostrow", "Piotr", "Rutkow",
                "Szcze", "Tomcz", "Urban", "Wróbl", "Chmiel", "Dudz",
            ],
            &[
                "ski", "czyk", "ek", "ák", "owski", "czak", "icz", "ewicz", "ny", "iński", "ák",
                "ička",
            ],
            Some("-"),
        ),
    },
    Region {
        calling_code: 7,
        share: 7,
        first: Names::whole(
            &[
                "Александр",
                "Мария",
                "Дмитрий",
                "Ирина",
                "Олег",
                "Вера",
                "Ольга",
                "Фёдор",
                "Тарас",
                "Ярослава",
            ],
            Some(" "),
        ),
        last: Names::joined(
            &[
                "Волк",
                "Зайц",
                "Кузнец",
                "Лебед",
                "Сокол",
                "Шевч",
                "Мороз",
                "Орл",
                "Попов",
                "Рыбак",
                "Суворов",
                "Тарас",
                "Черн",
                "Яковл",
            ],
            &["ов", "ев", "енко", "ин", "ский", "ова", "ук", "чук"],
            Some("-"),
        ),
    },
    Region {
        calling_code: 30,
        share: 3,
        first: Names::whole(
            &["Ελένη", "Νίκος", "Σοφία", "Δήμητρα", "Αλέξανδρος"],
            Some(" "),
        ),
        last: Names::joined(
            &[
                "Γεωργ",
                "Αγγελ",
                "Παπαδ",
                "Οικονομ",
                "Δημητρ",
                "Κωνσταντιν",
                "Νικολα",
            ],
            &["ίου", "όπουλος", "άκης", "ίδης", "άκη"],
            Some("-"),
        ),
    },
    Region {
        calling_code: 81,
        share: 5,
        first: Names::joined(
            &["美", "翔", "陽", "和", "直", "真", "智", "恵"],
            &["咲", "太", "菜", "子", "樹", "人"],
            None,
        ),
        last: Names::joined(
            &[
                "佐", "田", "高", "山", "小", "渡", "鈴", "中", "松", "吉", "清", "石", "前", "藤",
                "岡",
            ],
            &[
                "藤", "中", "橋", "林", "辺", "木", "村", "田", "本", "川", "原", "島",
            ],
            None,
        ),
    },
    Region {
        calling_code: 86,
        share: 6,
        first: Names::joined(
            &[
                "伟", "秀", "建", "晓", "志", "文", "雅", "子", "思", "俊", "国", "丽",
            ],
            &[
                "", "英", "华", "明", "芳", "静", "敏", "军", "涵", "轩", "杰", "玲",
            ],
            None,
        ),
        last: Names::whole(
            &[
                "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "欧阳",
                "司马",
            ],
            None,
        ),
    },
    Region {
        calling_code: 82,
        share: 3,
        first: Names::joined(
            &["민", "서", "지", "하", "현", "수", "영"],
            &["준", "연", "훈", "은", "우", "진", "아"],
            None,
        ),
        last: Names::whole(&["김", "이", "박", "최", "정", "강", "조", "윤"], None),
    },
    Region {
        calling_code: 91,
        share: 5,
        first: Names::whole(
            &["आरव", "दीपिका", "लता", "राहुल", "अनन्या", "विवेक"],
            Some(" "),
        ),
        last: Names::whole(
            &["शर्मा", "गुप्ता", "वर्मा", "सिंह", "पटेल", "जोशी", "मिश्रा"],
            Some(" "),
        ),
    },
    Region {
        calling_code: 971,
        share: 3,
        first: Names::whole(&["أحمد", "فاطمة", "ليلى", "يوسف", "عمر", "نور"], Some(" ")),
        last: Names::whole(
            &["الحسن", "حداد", "خليل", "منصور", "النجار", "صالح"],
            Some(" "),
        ),
    },
    Region {
        calling_code: 84,
        share: 3,
        first: Names::whole(&["Anh", "Hương", "Đức", "Thảo", "Minh", "Tuấn"], Some(" ")),
        last: Names::whole(
            &["Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Vũ", "Hoàng"],
            Some(" "),
        ),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_the_regions_add_up() {
        let shares: u32 = REGIONS.iter().map(|region| u32::from(region.share)).sum();
        assert_eq!(shares, 100);
    }
}
