//! What a key costs on a slow link in bytes, and rest in time of a processor.

use crate::Office;
use crate::terminal::Terminal;

impl Terminal {
    /// How many bytes one of these keys costs, each waited for until the cursor's row is told.
    fn bytes_each(&mut self, key: &str, rows: impl ExactSizeIterator<Item = usize>) -> usize {
        let (count, before) = (rows.len(), self.written());
        for row in rows {
            self.types(key).sees(&format!("row {row}"));
        }
        (self.written() - before) / count
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_and_a_page_cost_what_they_show() {
    let office = Office::open().await;
    for (first, last) in [
        ("Zoë", "van den Berg"),
        ("Łukasz", "Wiśniewski"),
        ("Isla", "Jarvis"),
        ("陽菜", "渡辺"),
    ] {
        for _ in 0..20 {
            office.hire(first, last).await;
        }
    }
    let mut terminal = office.signed_in();
    let moves = terminal.bytes_each("j", 2..20);
    assert!((1..300).contains(&moves), "{moves} bytes a move");
    let edge = terminal.sees("row 19").bytes_each("j", 20..40);
    assert!((1..300).contains(&edge), "{edge} bytes a move that scrolls");
    let pages = terminal
        .types("gg")
        .sees("row 1\n")
        .bytes_each("\x1b[6~", [21, 41, 61].into_iter());
    assert!((1..2048).contains(&pages), "{pages} bytes a page");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_application_uses_no_processor() {
    let office = Office::open().await;
    let mut terminal = office.signed_in();
    terminal.types("j").sees("row 2").comes_to_rest(&[]);
}
