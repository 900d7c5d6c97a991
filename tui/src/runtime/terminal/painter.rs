//! Computes the bytes that turn one frame into the next, as few as possible.
//!
//! Every byte counts over a slow connection. The terminal moves rows that only shifted, blanks are
//! erased rather than written, and unchanged cells are skipped. Only sequences that every terminal
//! since the VT102 understands are used, and no queries.

use std::io::Write;
use std::ops::{Range, RangeInclusive};

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthChar;

/// Up to this many unchanged cells are rewritten, since skipping them takes as many bytes.
const JUMP: usize = 4;

/// The minimum number of rows that differ before rows are shifted; a cursor move changes three.
const SHIFTED: usize = 5;

/// The width of the pieces in which rows are compared for a shift.
const PIECE: usize = 8;

/// What the terminal shows, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Painter {
    /// The frame it shows; unknown until it is cleared.
    shown: Option<Buffer>,
    /// Whether the cursor is visible; unknown at first.
    cursor: Option<bool>,
    pen: Pen,
}

impl Painter {
    /// Makes the next frame repaint everything.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The bytes that show a frame and its cursor.
    pub(super) fn paint(&mut self, frame: &Buffer, cursor: Option<Position>) -> Vec<u8> {
        let mut shown = match self.shown.take().filter(|shown| shown.area == frame.area) {
            Some(shown) => shown,
            None => self.clear(frame.area),
        };
        let mut pen = self.pen.fresh();
        pen.paint_rows(frame, &shown);
        // Beside rows that move there may be others that do not. Only the bytes can tell whether the
        // shift is worth it.
        if let Some(shift) = Shift::between(&shown, frame) {
            let mut shifted = self.pen.fresh();
            shifted.shift(&mut shown, &shift);
            shifted.paint_rows(frame, &shown);
            if shifted.bytes.len() < pen.bytes.len() {
                pen = shifted;
            }
        }
        self.pen.follow(pen);
        self.place_cursor(cursor);
        shown.content.clone_from(&frame.content);
        self.shown = Some(shown);
        self.pen.lift()
    }

    fn clear(&mut self, area: Rect) -> Buffer {
        self.pen.write("\x1b[m\x1b[2J");
        self.pen.ink = Ink::default();
        Buffer::empty(area)
    }

    fn place_cursor(&mut self, cursor: Option<Position>) {
        if let Some(Position { x, y }) = cursor {
            self.pen.go(x.into(), y.into());
        }
        if self.cursor != Some(cursor.is_some()) {
            self.pen.write(if cursor.is_some() {
                "\x1b[?25h"
            } else {
                "\x1b[?25l"
            });
            self.cursor = Some(cursor.is_some());
        }
    }
}

impl Pen {
    /// Updates the rows that differ.
    fn paint_rows(&mut self, frame: &Buffer, shown: &Buffer) {
        for (y, (next, last)) in rows(frame)
            .zip(rows(shown))
            .enumerate()
            .filter(|(_, (next, last))| next != last)
        {
            self.paint_row(y, next, last);
        }
    }

    /// Moves rows by deleting or inserting lines in a part of the screen.
    fn shift(&mut self, shown: &mut Buffer, shift: &Shift) {
        let (first, last, count) = (
            *shift.rows.start(),
            *shift.rows.end(),
            shift.by.unsigned_abs(),
        );
        // New lines are blank, in the current ink.
        self.take(if self.ink.shows_on_blanks() {
            Ink::default()
        } else {
            self.ink
        });
        let times = if count == 1 {
            String::new()
        } else {
            count.to_string()
        };
        let (top, bottom, end) = (first + 1, last + 1, last + 2 - count);
        // Rows below the part move too and are moved back, which takes fewer bytes than a scroll
        // region.
        self.write(&match shift.by {
            1.. => format!("\x1b[{top}H\x1b[{times}M\x1b[{end}H\x1b[{times}L"),
            _ => format!("\x1b[{end}H\x1b[{times}M\x1b[{top}H\x1b[{times}L"),
        });
        let width = usize::from(shown.area.width);
        let Some(cells) = shown.content.get_mut(first * width..bottom * width) else {
            return;
        };
        let (length, moved) = (cells.len(), (count * width).min(cells.len()));
        let blank = if shift.by > 0 {
            cells.rotate_left(moved);
            length - moved..length
        } else {
            cells.rotate_right(moved);
            0..moved
        };
        if let Some(blank) = cells.get_mut(blank) {
            blank.iter_mut().for_each(Cell::reset);
        }
    }

    /// Updates one row the cheaper way: overwrite the differences, or erase the differing part and
    /// write only its text.
    fn paint_row(&mut self, y: usize, next: &[Cell], last: &[Cell]) {
        // Terminals disagree about the width of combined characters. Remains of the old text could
        // stay, so a row is rewritten if some of them change.
        let changed = changed(next, last);
        let mut cells = [next, last]
            .into_iter()
            .flat_map(|row| row.get(changed.clone()).unwrap_or_default());
        let whole = cells.any(is_doubtful);
        let part = if whole { 0..next.len() } else { changed };
        let mut erased = last.to_vec();
        if let Some(differing) = erased.get_mut(part.clone()) {
            differing.iter_mut().for_each(Cell::reset);
        }
        // Write the row both ways, and keep the one that takes fewer bytes.
        let (mut overwritten, mut rewritten) = (self.fresh(), self.fresh());
        rewritten.go(part.start, y);
        rewritten.erase(part, next.len());
        rewritten.write_row(y, next, &erased);
        if !whole {
            overwritten.write_row(y, next, last);
        }
        let is_rewrite_cheaper = rewritten.bytes.len() < overwritten.bytes.len();
        self.follow(if whole || is_rewrite_cheaper {
            rewritten
        } else {
            overwritten
        });
    }
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
}

/// The cells of a row; `None` for those covered by a wide character.
fn heads(row: &[Cell]) -> impl Iterator<Item = Option<&Cell>> {
    let mut covered = 0;
    row.iter().map(move |cell| {
        if covered > 0 {
            covered -= 1;
            return None;
        }
        covered = cell.cell_width().saturating_sub(1);
        Some(cell)
    })
}

/// The smallest range of a row that contains all differences.
fn changed(next: &[Cell], last: &[Cell]) -> Range<usize> {
    let width = |cell: Option<&Cell>| cell.map_or(1, |cell| usize::from(cell.cell_width()).max(1));
    let differ = heads(next)
        .zip(heads(last))
        .enumerate()
        .filter(|(_, (next, last))| next.is_some() && next != last);
    let ends = differ.map(|(x, (next, last))| (x, x + width(next).max(width(last))));
    ends.reduce(|part, cells| (part.0, part.1.max(cells.1)))
        .map_or(0..0, |(start, end)| start..end.min(next.len()))
}

fn is_doubtful(cell: &Cell) -> bool {
    cell.symbol().chars().nth(1).is_some()
}

/// A block of rows that moved up or down.
#[derive(Debug, PartialEq, Eq)]
struct Shift {
    /// The part of the screen in which rows move.
    rows: RangeInclusive<usize>,
    /// The distance in rows; positive is up.
    by: isize,
}

impl Shift {
    /// The shift that moves most text into place. Remaining differences are painted.
    fn between(shown: &Buffer, frame: &Buffer) -> Option<Self> {
        let differing = rows(shown)
            .zip(rows(frame))
            .filter(|(last, next)| last != next);
        if differing.count() < SHIFTED {
            return None;
        }
        let [before, after] =
            [shown, frame].map(|buffer| rows(buffer).map(pieces).collect::<Vec<_>>());
        let height = isize::try_from(frame.area.height).ok()?;
        let distances = (1 - height..height).filter(|by| *by != 0);
        let shifts = distances.filter_map(|by| Self::by(by, &before, &after));
        let (saved, shift) = shifts.max_by_key(|(saved, _)| *saved)?;
        (saved > 0).then_some(shift)
    }

    /// A shift by this distance, of the rows for which that is better, and how many more pieces of
    /// text it leaves in place than no shift.
    fn by(by: isize, before: &[Vec<u64>], after: &[Vec<u64>]) -> Option<(isize, Self)> {
        let gain = |(to, after): (usize, &Vec<u64>)| {
            let moved = to.checked_add_signed(by).and_then(|from| before.get(from));
            let moved = moved.map_or(0, |moved| alike(moved, after));
            let still = before.get(to).map_or(0, |still| alike(still, after));
            moved.cast_signed() - still.cast_signed()
        };
        let gains: Vec<_> = after.iter().enumerate().map(gain).collect();
        let first = gains.iter().position(|gain| *gain > 0)?;
        let last = gains.iter().rposition(|gain| *gain > 0)?;
        let (first, last) = (
            first.min(first.checked_add_signed(by)?),
            last.max(last.checked_add_signed(by)?),
        );
        let rows = first..=last;
        let saved = gains.get(rows.clone())?.iter().sum();
        Some((saved, Self { rows, by }))
    }
}

/// The text of a row in pieces, as their FNV-1a hashes, which are quickly compared; 0 is blank.
fn pieces(row: &[Cell]) -> Vec<u64> {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let piece = |cells: &[Cell]| {
        if cells.iter().all(|cell| cell.symbol() == " ") {
            return 0;
        }
        let bytes = cells.iter().flat_map(|cell| cell.symbol().bytes());
        bytes.fold(BASIS, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        })
    };
    row.chunks(PIECE).map(piece).collect()
}

/// How many pieces of text two rows share.
fn alike(a: &[u64], b: &[u64]) -> usize {
    let both = a.iter().zip(b);
    both.filter(|(a, b)| a == b && **a != 0).count()
}

/// As much of a cell's text as takes at most `room` cells on every terminal.
///
/// A terminal that does not join characters gives each its own cell. At the right edge they would
/// wrap, and on the last row scroll the screen.
fn fitting(symbol: &str, room: usize) -> &str {
    let fits = |text: &str| {
        text.chars()
            .filter_map(UnicodeWidthChar::width)
            .sum::<usize>()
            <= room
    };
    let first = symbol
        .char_indices()
        .nth(1)
        .and_then(|(end, _)| symbol.get(..end));
    [Some(symbol), first]
        .into_iter()
        .flatten()
        .find(|text| fits(text))
        .unwrap_or(" ")
}

/// The terminal's write position and its ink.
#[derive(Debug, Default)]
struct Pen {
    bytes: Vec<u8>,
    /// The column; unknown after sequences that terminals handle differently.
    x: Option<usize>,
    /// The row; unknown if others may have moved the pen, and after the last cell of a row.
    y: Option<usize>,
    /// Whether stray characters may remain to its right.
    smeared: bool,
    /// It is kept between frames.
    ink: Ink,
}

impl Pen {
    /// Writes a sequence after which the position is unknown.
    fn write(&mut self, command: &str) {
        self.bytes.extend_from_slice(command.as_bytes());
        (self.x, self.y) = (None, None);
    }

    /// Takes the bytes written. Afterwards the position is unknown.
    fn lift(&mut self) -> Vec<u8> {
        (self.x, self.y) = (None, None);
        std::mem::take(&mut self.bytes)
    }

    /// A copy of the pen without any output.
    fn fresh(&self) -> Self {
        Self {
            bytes: Vec::new(),
            ..*self
        }
    }

    /// Takes over the position and output of a copy.
    fn follow(&mut self, pen: Self) {
        self.bytes.extend_from_slice(&pen.bytes);
        *self = Self {
            bytes: std::mem::take(&mut self.bytes),
            ..pen
        };
    }

    fn go(&mut self, x: usize, y: usize) {
        match (self.x, self.y) {
            (Some(from), Some(row)) if row == y && from <= x => self.right(x - from),
            (_, Some(row)) if row == y || row + 1 == y => {
                self.bytes
                    .extend_from_slice(if row == y { b"\r" } else { b"\r\n" });
                self.right(x);
            }
            // Writing to a vector cannot fail.
            _ if x == 0 => _ = write!(self.bytes, "\x1b[{}H", y + 1),
            _ => _ = write!(self.bytes, "\x1b[{};{}H", y + 1, x + 1),
        }
        (self.x, self.y) = (Some(x), Some(y));
    }

    fn right(&mut self, cells: usize) {
        let _ = match cells {
            0 => Ok(()),
            1 => self.bytes.write_all(b"\x1b[C"),
            _ => write!(self.bytes, "\x1b[{cells}C"),
        };
    }

    /// Writes what differs in a row.
    fn write_row(&mut self, y: usize, next: &[Cell], last: &[Cell]) {
        let mut end = 0;
        for (x, (cell, _)) in heads(next)
            .zip(heads(last))
            .enumerate()
            .filter(|(_, (next, last))| next != last)
        {
            let Some(cell) = cell else { continue };
            if x > end {
                self.wipe(end, y, next.len());
            }
            self.jump(x, y, next);
            self.put(Ink::of(cell), cell, next.len());
            end = x + usize::from(cell.cell_width()).max(1);
        }
        self.wipe(end, y, next.len());
    }

    /// Erases stray characters beyond the cells that were written.
    fn wipe(&mut self, x: usize, y: usize, width: usize) {
        if self.smeared && x < width {
            self.go(x, y);
            self.erase(x..width, width);
        }
        self.smeared = false;
    }

    /// Moves right over unchanged cells, rewriting them if that is as cheap.
    fn jump(&mut self, x: usize, y: usize, row: &[Cell]) {
        if let Some(from) = self.x.filter(|_| self.y == Some(y))
            && let Some(between) = row.get(from..x).filter(|between| between.len() <= JUMP)
            && between
                .iter()
                .all(|cell| cell.symbol().len() == 1 && self.ink.writes(cell))
        {
            for cell in between {
                self.put(self.ink, cell, row.len());
            }
        }
        self.go(x, y);
    }

    /// Writes a cell of a row that is `width` cells wide.
    fn put(&mut self, ink: Ink, cell: &Cell, width: usize) {
        self.take(ink);
        let room = self.x.map_or(width, |x| width.saturating_sub(x));
        self.bytes
            .extend_from_slice(fitting(cell.symbol(), room).as_bytes());
        let next = self.x.map(|x| x + usize::from(cell.cell_width()));
        self.smeared |= is_doubtful(cell);
        self.x = next.filter(|_| !is_doubtful(cell));
        // After the last column some terminals wrap at once, others later.
        if next.is_none_or(|x| x >= width) {
            (self.x, self.y) = (None, None);
        }
    }

    /// Blanks a part of a row; the pen stays at its start.
    fn erase(&mut self, part: Range<usize>, width: usize) {
        self.take(Ink::default());
        let _ = match part.end {
            end if end >= width => self.bytes.write_all(b"\x1b[K"),
            _ => write!(self.bytes, "\x1b[{}X", part.len()),
        };
    }

    fn take(&mut self, ink: Ink) {
        if ink == self.ink {
            return;
        }
        let codes = |ink: Ink| ink.codes().collect::<Vec<_>>().join(";");
        let _ = match ink.beyond(self.ink) {
            Some(more) => write!(self.bytes, "\x1b[{}m", codes(more)),
            None if ink == Ink::default() => self.bytes.write_all(b"\x1b[m"),
            // An empty parameter means 0: reset.
            None => write!(self.bytes, "\x1b[;{}m", codes(ink)),
        };
        self.ink = ink;
    }
}

/// The style of a cell.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Ink {
    modifier: Modifier,
    fg: Color,
    bg: Color,
}

impl Ink {
    fn of(cell: &Cell) -> Self {
        Self {
            modifier: cell.modifier,
            fg: cell.fg,
            bg: cell.bg,
        }
    }

    /// Whether a cell looks right in this ink. A blank does if only invisible attributes differ.
    fn writes(self, cell: &Cell) -> bool {
        self == Self::of(cell) || (*cell == Cell::EMPTY && !self.shows_on_blanks())
    }

    fn shows_on_blanks(self) -> bool {
        const UNSEEN: Modifier = Modifier::BOLD.union(Modifier::DIM).union(Modifier::ITALIC);
        self.bg != Color::Reset || !UNSEEN.contains(self.modifier)
    }

    /// The attributes this adds to another ink, if it removes none.
    fn beyond(self, other: Self) -> Option<Self> {
        let colour = |own, others| match own {
            own if own == others => Some(Color::Reset),
            Color::Reset => None,
            own => Some(own),
        };
        let modifier = self
            .modifier
            .contains(other.modifier)
            .then_some(self.modifier - other.modifier)?;
        Some(Self {
            modifier,
            fg: colour(self.fg, other.fg)?,
            bg: colour(self.bg, other.bg)?,
        })
    }

    /// The SGR parameters that select it after a reset (ECMA-48).
    fn codes(self) -> impl Iterator<Item = String> {
        const MODIFIERS: [(Modifier, &str); 7] = [
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::UNDERLINED, "4"),
            (Modifier::SLOW_BLINK, "5"),
            (Modifier::REVERSED, "7"),
            (Modifier::CROSSED_OUT, "9"),
        ];
        let modifiers = MODIFIERS
            .into_iter()
            .filter(move |(modifier, _)| self.modifier.contains(*modifier));
        let colours = [(self.fg, 30), (self.bg, 40)]
            .into_iter()
            .filter_map(|(colour, base)| code(colour, base));
        modifiers.map(|(_, code)| code.to_owned()).chain(colours)
    }
}

/// The parameters of a colour: `base` 30 for the foreground, 40 for the background.
fn code(colour: Color, base: u8) -> Option<String> {
    let named = match colour {
        Color::Reset => return None,
        Color::Indexed(index) => return Some(format!("{};5;{index}", base + 8)),
        Color::Rgb(r, g, b) => return Some(format!("{};2;{r};{g};{b}", base + 8)),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
    };
    Some((base + named).to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Style;
    use ratatui::text::{Line, Span};

    use super::*;

    const SIZE: Rect = Rect {
        x: 0,
        y: 0,
        width: 40,
        height: 12,
    };

    fn frame<'a>(lines: impl IntoIterator<Item = Line<'a>>) -> Buffer {
        let mut frame = Buffer::empty(SIZE);
        (0..SIZE.height)
            .zip(lines)
            .for_each(|(y, line)| _ = frame.set_line(0, y, &line, SIZE.width));
        frame
    }

    fn list(from: usize) -> Buffer {
        frame(
            (from..)
                .take(12)
                .map(|row| Line::from(format!("row {row:>3} of a long list of names"))),
        )
    }

    fn terminal() -> vt100::Parser {
        vt100::Parser::new(
            SIZE.height.try_into().unwrap(),
            SIZE.width.try_into().unwrap(),
            0,
        )
    }

    /// Whether the terminal shows a frame: the text of each cell that it cannot doubt, and how it
    /// looks.
    fn shows(terminal: &vt100::Parser, frame: &Buffer) -> Result<(), String> {
        for (y, row) in (0..).zip(rows(frame)) {
            let heads = (0..)
                .zip(heads(row))
                .filter_map(|(x, cell)| Some((x, cell?)));
            for (x, cell) in heads.filter(|(_, cell)| !is_doubtful(cell)) {
                let seen = terminal.screen().cell(y, x).unwrap();
                let text = if seen.has_contents() {
                    seen.contents()
                } else {
                    " "
                };
                let modifiers = [
                    (Modifier::BOLD, seen.bold()),
                    (Modifier::DIM, seen.dim()),
                    (Modifier::UNDERLINED, seen.underline()),
                    (Modifier::REVERSED, seen.inverse()),
                ];
                // On a blank nobody sees whether it would be bold or dim.
                let is_seen =
                    |modifier| text != " " || !matches!(modifier, Modifier::BOLD | Modifier::DIM);
                let is_alike = modifiers.into_iter().all(|(modifier, on)| {
                    !is_seen(modifier) || cell.modifier.contains(modifier) == on
                });
                let is_cyan = text != " " && seen.fgcolor() == vt100::Color::Idx(6);
                let must_be_cyan = text != " " && cell.fg == Color::Cyan;
                if text != cell.symbol() || !is_alike || is_cyan != must_be_cyan {
                    return Err(format!("{x}, {y}: {seen:?} and not {cell:?}"));
                }
            }
        }
        Ok(())
    }

    #[test]
    fn a_frame_that_is_there_costs_nothing() {
        let mut painter = Painter::default();
        assert!(!painter.paint(&list(0), None).is_empty());
        assert_eq!(painter.paint(&list(0), None), b"");
    }

    #[test]
    fn a_list_that_moves_by_a_row_costs_a_row() {
        for (from, to, command) in [(5, 6, "\x1b[M"), (6, 5, "\x1b[L")] {
            let (mut painter, mut terminal) = (Painter::default(), terminal());
            terminal.process(&painter.paint(&list(from), None));
            let bytes = painter.paint(&list(to), None);
            terminal.process(&bytes);
            shows(&terminal, &list(to)).unwrap();
            assert!(String::from_utf8_lossy(&bytes).contains(command));
            assert!(bytes.len() < 70, "{}", bytes.len());
        }
    }

    #[test]
    fn a_list_that_moves_beside_something_that_stays_is_moved_too() {
        let name = |row: usize| -> String {
            let letter = |at: usize| char::from(b"aeiorstln"[row * (at + 3) % 9]);
            (0..20).map(letter).collect()
        };
        let beside = |from: usize| {
            let still = ["one", "two", "three", "four"].iter().cycle();
            let rows = (from..).take(12).zip(still);
            frame(rows.map(|(row, still)| Line::from(format!("{}  │ {still}", name(row)))))
        };
        let (mut painter, mut terminal) = (Painter::default(), terminal());
        terminal.process(&painter.paint(&beside(0), None));
        let bytes = painter.paint(&beside(4), None);
        terminal.process(&bytes);
        shows(&terminal, &beside(4)).unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains("\x1b[4M"));
    }

    #[test]
    fn a_resized_or_unknown_terminal_is_repainted() {
        let mut painter = Painter::default();
        let whole = painter.paint(&list(0), None);
        painter.forget();
        assert_eq!(painter.paint(&list(0), None), whole);
        let narrow = Buffer::empty(Rect { width: 20, ..SIZE });
        assert!(painter.paint(&narrow, None).starts_with(b"\x1b[m\x1b[2J"));
    }

    #[test]
    fn the_cursor_is_shown_where_someone_writes() {
        let (mut painter, mut terminal) = (Painter::default(), terminal());
        terminal.process(&painter.paint(&list(0), Some(Position::new(7, 3))));
        assert!(!terminal.screen().hide_cursor());
        assert_eq!(terminal.screen().cursor_position(), (3, 7));
        terminal.process(&painter.paint(&list(0), None));
        assert!(terminal.screen().hide_cursor());
    }

    #[test]
    fn what_some_terminals_write_in_more_cells_does_not_leave_its_row() {
        for (line, shown) in [
            ("👩\u{200d}💻", "👩"),
            ("🇩🇪", "🇩🇪"),
            ("e\u{301}", "e\u{301}"),
            ("👍🏽", "👍"),
        ] {
            let (mut painter, mut terminal) = (Painter::default(), terminal());
            let frame =
                frame((0..12).map(|row| Line::from(format!("row {row:>2}{:>32}{line}", ""))));
            terminal.process(&painter.paint(&frame, None));
            assert_eq!(shows(&terminal, &frame), Ok(()));
            assert!(terminal.screen().contents().ends_with(shown), "{line}");
        }
    }

    #[test]
    fn columns_align_after_text_of_ambiguous_width() {
        let names = [
            "सिंह, लता",
            "गुप्ता",
            "أحمد",
            "กำธร",
            "\u{1100}\u{1161}\u{11a8}",
            "👩\u{200d}👩\u{200d}👧",
            "🇩🇪",
            "✈\u{fe0f}",
            "e\u{301}",
        ];
        let mut frame = Buffer::empty(SIZE);
        for (y, name) in (0..).zip(names) {
            frame.set_string(0, y, name, Style::new());
            frame.set_string(14, y, "Berlin", Style::new().dim());
        }
        let mut terminal = terminal();
        terminal.process(&Painter::default().paint(&frame, None));
        for (y, name) in (0..).zip(names) {
            let column: String = (14..20)
                .filter_map(|x| Some(terminal.screen().cell(y, x)?.contents()))
                .collect();
            assert_eq!(column, "Berlin", "after {name}");
        }
    }

    fn any_style() -> impl Strategy<Value = Style> {
        proptest::sample::select(vec![
            Style::new(),
            Style::new().dim(),
            Style::new().bold().cyan(),
            Style::new().reversed(),
            Style::new().reversed().underlined(),
        ])
    }

    fn any_frame() -> impl Strategy<Value = Buffer> {
        let word = "[a-c]{1,3}| {1,12}|渡|éa|Jose\u{301}|👩\u{200d}💻|✈\u{fe0f}|🇩🇪|क्षि|[\u{4e00}-\u{4e05}]{1,3}";
        let span = (word, any_style()).prop_map(|(text, style)| Span::styled(text, style));
        // Some lines are longer than the screen is wide.
        let line = prop::collection::vec(span, 0..25).prop_map(Line::from);
        prop::collection::vec(line, 12).prop_map(frame)
    }

    proptest! {
        #[test]
        fn whatever_was_there_the_terminal_shows_the_frame(frames in prop::collection::vec(any_frame(), 1..4)) {
            let (mut painter, mut terminal) = (Painter::default(), terminal());
            for frame in frames {
                terminal.process(&painter.paint(&frame, None));
                prop_assert_eq!(shows(&terminal, &frame), Ok(()));
            }
        }

        #[test]
        fn rows_that_move_are_where_they_belong(
            lines in prop::collection::vec("[a-e]{0,3}|渡辺|row \\d", 30), from in 0usize..18, to in 0usize..18, marked in 0usize..12,
            beside in prop::collection::vec("[x-z]{0,9}|渡辺", 12),
        ) {
            let (mut painter, mut terminal) = (Painter::default(), terminal());
            for first in [from, to] {
                let style = |row| if row == marked { Style::new().reversed() } else { Style::new() };
                let moved = lines.iter().skip(first).zip(&beside).enumerate();
                let frame = frame(moved.map(|(row, (text, beside))| {
                    Line::styled(format!("{text:<25}{beside:<15}"), style(row))
                }));
                terminal.process(&painter.paint(&frame, None));
                prop_assert_eq!(shows(&terminal, &frame), Ok(()));
            }
        }
    }
}
