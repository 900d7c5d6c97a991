//! Who types what, and whose name it finds: search, completion and sort orders fold text in this
//! way.

use proptest::prelude::*;
use roster_common::text::{folded, has_bidi_control, has_visible, normalised};
use unicode_normalization::UnicodeNormalization;

/// Returns `true` if somebody stored as `stored` is found by typing `typed`.
fn finds(typed: &str, stored: &str) -> bool {
    folded(&normalised(stored)).contains(&folded(&normalised(typed)))
}

/// Pairs of a stored text and a typed one that finds it.
const FOUND: &[(&str, &str)] = &[
    // German: sharp s, capital sharp s, umlauts.
    ("Weiß", "WEISS"),
    ("WEISS", "weiß"),
    ("Straße", "strasse"),
    ("STRAẞE", "strasse"),
    ("Groß", "gros"),
    ("Müller", "muller"),
    ("MÜLLER", "müller"),
    ("Jürgen", "JURGEN"),
    // Romance and Germanic letters without a decomposition.
    ("Ægir", "aegir"),
    ("Cœur", "coeur"),
    ("Þórsson", "thorsson"),
    ("Guðrún", "gudrun"),
    ("Ðuro", "duro"),
    ("Đorđe", "dorde"),
    ("Søren", "soren"),
    ("Ærø", "AERO"),
    ("Øystein", "oystein"),
    ("Åse", "ase"),
    ("Łódź", "lodz"),
    ("Ħamrun", "hamrun"),
    ("Ŋaŋa", "nana"),
    ("Ŧeppo", "teppo"),
    ("Ɛsi", "esi"),
    ("Ɔpɔku", "opoku"),
    ("Ɓala", "bala"),
    ("Ƙano", "kano"),
    // Accents of Latin.
    ("Bétancourt", "betancourt"),
    ("Hà Nội", "ha noi"),
    ("Nguyễn Thị Ánh", "nguyen thi anh"),
    ("Đặng", "dang"),
    ("Șerban", "serban"),
    ("Ţepeş", "tepes"),
    ("Čapek", "CAPEK"),
    ("Dvořák", "dvorak"),
    ("Ångström", "angstrom"),
    ("José", "Jose\u{301}"),
    ("Ñuñez", "nunez"),
    ("Ğ. Şimşek", "g. simsek"),
    // Turkish and Azerbaijani: dotted and dotless i, schwa.
    ("Işık", "ışık"),
    ("Işık", "ISIK"),
    ("İbrahim", "ibrahim"),
    ("İstanbul", "ISTANBUL"),
    ("Yıldız", "yildiz"),
    ("Əliyev", "eliyev"),
    ("ƏLİYEV", "əliyev"),
    // Greek: accents, final sigma, breathing.
    ("ΠΑΠΑΔΟΠΟΥΛΟΣ", "Παπαδόπουλος"),
    ("Νίκος", "ΝΙΚΟΣ"),
    ("Νίκος", "νικοσ"),
    ("Γιώργος", "γιωργος"),
    ("ΜΑΪΟΥ", "μαϊου"),
    ("Ἑλένη", "ελενη"),
    // Cyrillic.
    ("Пётр", "петр"),
    ("ЁЛКИН", "елкин"),
    ("Їжак", "іжак"),
    ("Ґалаґан", "галаган"),
    ("Қасым", "касым"),
    ("Өтеген", "отеген"),
    ("Ңурлан", "нурлан"),
    ("ИВАНОВ", "иванов"),
    // Georgian capitals, Armenian ligature.
    ("გიორგი", "ᲒᲘᲝᲠᲒᲘ"),
    ("Գևորգ", "գեւորգ"),
    // Hebrew points, Arabic vowels, hamza carriers and tatweel.
    ("שָׁלוֹם", "שלום"),
    ("צ׳רלי", "צ'רלי"),
    ("مُحَمَّد", "محمد"),
    ("أحمد", "احمد"),
    ("محـــمد", "محمد"),
    // Kana and Hangul: width and composition.
    ("ﾊﾟﾊﾟ", "パパ"),
    ("ガス", "カ\u{3099}ス"),
    ("김", "\u{1100}\u{1175}\u{11b7}"),
    ("Ｒｏｓｔｅｒ", "roster"),
    ("東京", "東京"),
    ("㈱山田", "(株)山田"),
    // Devanagari and Thai by their own spelling.
    ("राम", "राम"),
    ("क्षत्रिय", "क्षत्रिय"),
    ("มานี", "มานี"),
    ("สมชาย", "สมชาย"),
    // Apostrophes, quotation marks, dashes and spaces from any keyboard.
    ("O’Brien", "o'brien"),
    ("O'Connor", "o’connor"),
    ("DʼAngelo", "d'angelo"),
    ("O´Neil", "o'neil"),
    ("Hawaiʻi", "hawai'i"),
    ("L‘Aquila", "l'aquila"),
    ("Anne‑Marie", "anne-marie"),
    ("Müller–Thurgau", "müller-thurgau"),
    ("Smith—Jones", "smith-jones"),
    ("Bar־Lev", "bar-lev"),
    ("„Max“", "\"max\""),
    ("«Nina»", "\"nina\""),
    ("van\u{a0}den\u{2009}Berg", "van den berg"),
    ("van den Berg", "van den berg"),
    ("Dept…", "dept..."),
    // Ligatures and numbers in other forms.
    ("Geoﬀrey", "geoffrey"),
    ("Ĳsbrand", "ijsbrand"),
    ("Floor ②", "floor 2"),
    ("Ⅳ", "iv"),
    // Invisible characters.
    ("Zero\u{200b}width", "zerowidth"),
    ("Hy\u{ad}phen", "hyphen"),
    ("می\u{200c}خواهم", "میخواهم"),
    ("Word\u{2060}joiner", "wordjoiner"),
    ("\u{feff}Bom", "bom"),
    ("Vs\u{fe0f}", "vs"),
];

/// Pairs of a stored text and a different word that must not find it.
const NOT_FOUND: &[(&str, &str)] = &[
    ("राम", "रोम"),
    ("राम", "रमी"),
    ("रीमा", "राम"),
    ("लता", "लोती"),
    ("রহিম", "রাহিম"),
    ("ਸਿੰਘ", "ਸੰਘ"),
    ("குமார்", "குமரி"),
    ("パパ", "ハハ"),
    ("ガス", "カス"),
    ("ぎんこ", "きんこ"),
    ("ปู", "ปา"),
    ("มานี", "มานะ"),
    ("ໃຈ", "ໄຈ"),
    ("김", "기만"),
    ("Anna", "Hanna"),
    ("Иван", "Ивон"),
    ("Νίκος", "Νίκη"),
];

#[test]
fn a_name_is_found_in_capitals_without_accents_and_from_any_keyboard() {
    for (stored, typed) in FOUND {
        assert!(
            finds(typed, stored),
            "{typed:?} does not find {stored:?}: {:?} is not in {:?}",
            folded(typed),
            folded(stored)
        );
    }
}

#[test]
fn another_word_does_not_find_it() {
    for (stored, typed) in NOT_FOUND {
        assert!(!finds(typed, stored), "{typed:?} finds {stored:?}");
    }
}

#[test]
fn a_name_of_characters_that_show_nothing_is_not_visible() {
    let invisible = [
        "\u{200b}",
        "\u{3164}",
        "\u{2800}",
        "\u{ad}",
        "\u{feff}",
        "\u{180e}",
        "\u{2063}",
        "\u{115f}",
        "\u{ffa0}",
        "\u{fe0f}",
        "\u{301}",
        "\u{202e}",
        "\u{2066}",
        "\u{200e}",
        "",
        " \u{a0}\u{3000}",
        "\u{34f}\u{200d}",
        "\u{e0041}",
        "\u{1d159}",
        "\u{17b4}",
    ];
    for text in invisible {
        assert!(!has_visible(text), "{text:?}");
    }
    for text in ["Ada", "ا", "王", "र", "-", "👩‍🚀", "\u{200f}ע"] {
        assert!(has_visible(text), "{text:?}");
    }
}

#[test]
fn overrides_and_isolates_are_bidi_controls_and_joiners_are_not() {
    for c in [
        '\u{202a}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2068}', '\u{2069}',
    ] {
        assert!(has_bidi_control(&format!("Ada{c}")), "{c:?}");
    }
    for text in ["می\u{200c}خواهم", "क्\u{200d}ष", "\u{200e}Ada\u{200f}"] {
        assert!(!has_bidi_control(text), "{text:?}");
    }
}

/// A name in one of eleven scripts, with letters that people of today write.
fn name() -> impl Strategy<Value = String> {
    let latin = "[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{1,8}([ '’‑-][A-Za-zÀ-ÖØ-öø-ɏ]{1,8})?";
    let greek = "[ΆΈ-ΊΌΎ-ΡΣ-ώ]{1,8}";
    let cyrillic = "[Ѐ-ҁҊ-ӿ]{1,8}";
    let armenian = "[Ա-Ֆա-և]{1,8}";
    let georgian = "[ა-ჰ]{1,8}";
    let hebrew = "([א-ת][\u{5b0}-\u{5bc}\u{5c1}\u{5c2}]?){1,8}";
    let arabic = "([ء-غف-ي][\u{64b}-\u{652}]?){1,8}";
    let indic = "[अ-हा-ौ]{1,8}";
    let thai = "[ก-ฮะ-ู]{1,8}";
    let kana = "[ぁ-ゖァ-ヺ]{1,8}";
    let east = "[가-힣一-鿿]{1,8}";
    prop_oneof![
        latin, greek, cyrillic, armenian, georgian, hebrew, arabic, indic, thai, kana, east
    ]
}

/// `text` as typed by somebody who leaves out the accents of Latin, Greek and Cyrillic, the points of
/// Hebrew and the vowels of Arabic.
fn without_marks(text: &str) -> String {
    let is_mark = |c: &char| {
        matches!(c, '\u{300}'..='\u{344}' | '\u{346}'..='\u{36f}')
            || matches!(c, '\u{5b0}'..='\u{5bc}' | '\u{5c1}' | '\u{5c2}')
            || matches!(c, '\u{64b}'..='\u{652}')
    };
    text.nfd().filter(|c| !is_mark(c)).nfc().collect()
}

/// `text` with the apostrophes and hyphens that keyboards have.
fn typed(text: &str) -> String {
    text.replace('’', "'").replace('‑', "-")
}

/// `text` with the apostrophes and hyphens that word processors put in.
fn typeset(text: &str) -> String {
    text.replace('\'', "’").replace('-', "‑")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_was_stored_is_found_by_its_own_words(name in name()) {
        for word in normalised(&name).split_whitespace() {
            prop_assert!(finds(word, &name));
            prop_assert!(finds(&word.to_uppercase(), &name), "in capitals");
            prop_assert!(finds(&word.to_lowercase(), &name), "in small letters");
            prop_assert!(finds(&without_marks(word), &name), "without marks");
            let plainest = typed(&without_marks(word)).to_uppercase();
            prop_assert!(finds(&plainest, &name), "all of that");
            prop_assert!(finds(&typed(word), &name), "from a keyboard");
            prop_assert!(finds(&typeset(word), &name), "typeset");
            prop_assert!(finds(&word.nfd().collect::<String>(), &name), "decomposed");
        }
    }

    #[test]
    fn folding_twice_changes_nothing(text in any::<String>()) {
        let once = folded(&text);
        prop_assert_eq!(folded(&once), once);
    }
}
