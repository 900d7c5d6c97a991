//! Where a cell of the table is edited.

use ratatui::layout::Rect;
use roster_common::{Field, Kind};

use super::{halves, is_too_small, parts, table};
use crate::state::State;
use crate::state::arrangement::{GAP, MARK, indent};

/// The width for text in a narrower column, and the least one. At the right edge, the field begins
/// left of its column.
const TEXT: (u16, u16) = (24, 16);

/// The width for a choice of words.
const CHOICE: (u16, u16) = (36, 36);

/// The area of a field of the cursor's row, and the rows around it; `None` if the table is hidden.
///
/// It is as wide as its column, or wider if that is narrow and there is room. A field whose column
/// is not on the screen is edited at the start of the row.
pub fn place(state: &State, field: Field) -> Option<(Rect, Rect)> {
    let screen = Rect::from(state.size);
    if is_too_small(screen) {
        return None;
    }
    let [_, body, ..] = parts(screen);
    let left = state.table.detail.map_or(body, |_| halves(body).0);
    let lines = state.lines_per_row();
    let [_, rows, _] = table::parts(left, lines);
    let row = u16::try_from(state.table.cursor.checked_sub(state.table.top)?).ok()?;
    let y = rows.y.checked_add(row.checked_mul(lines)?)?;
    if rows.is_empty() || y >= rows.bottom() {
        return None;
    }
    let (line, x, width) = column(state, rows.width, lines, field).unwrap_or((0, MARK, 0));
    let (wanted, least) = if field.kind() == Kind::Status {
        CHOICE
    } else {
        TEXT
    };
    // Near the right edge there is no room to type in, so the field begins further left.
    let x = x.min(rows.width.saturating_sub(least));
    let width = width.max(wanted).min(rows.width - x);
    let area = Rect::new(rows.x + x, y + line, width, 1);
    Some((area.intersection(rows), rows))
}

/// The field with the whole of each column that it reaches into: the rest of such a value would be a
/// piece of a word.
pub fn covered(state: &State, field: Rect, rows: Rect) -> Rect {
    let lines = state.lines_per_row();
    let number = (field.y.saturating_sub(rows.y)) % lines;
    let arrangement = &state.table.arrangement;
    let laid_out = arrangement.lay_out(state.table.column(), rows.width, lines);
    let mut x = rows.x + MARK + indent(number);
    let (mut left, mut right) = (field.x, field.right());
    for (_, width) in laid_out.get(usize::from(number)).into_iter().flatten() {
        let end = x + width;
        if x < field.right() && field.x < end {
            (left, right) = (left.min(x), right.max(end));
        }
        x = end + GAP;
    }
    Rect {
        x: left,
        width: right - left,
        ..field
    }
    .intersection(rows)
}

/// The line, the offset and the width of a field's column within a row.
fn column(state: &State, width: u16, lines: u16, field: Field) -> Option<(u16, u16, u16)> {
    let arrangement = &state.table.arrangement;
    let laid_out = arrangement.lay_out(state.table.column(), width, lines);
    for (number, line) in (0..).zip(laid_out) {
        let mut x = MARK + indent(number);
        for (column, width) in line {
            if column.cell_field() == Some(field) {
                return Some((number, x, width));
            }
            x += width + GAP;
        }
    }
    None
}
