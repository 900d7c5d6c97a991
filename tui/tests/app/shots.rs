//! The pictures of the README, drawn from the application's own buffers. `scripts/shots` writes them.

use std::fmt::Write;
use std::path::Path;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::style::{Color, Modifier};
use roster::event::Reply;
use roster::state::ThemeName;
use roster::view::Theme;
use roster_common::{Employee, EmployeeId, Field, Role, Version};
use roster_server::sample;

use crate::history::past;
use crate::world::{World, changed, now, stale};

/// The width and the height of a cell in a picture.
const CELL: (usize, usize) = (9, 19);

/// The margin around the cells.
const MARGIN: usize = 12;

/// The colours of a dark terminal: text and background.
const TERMINAL: (&str, &str) = ("#c9cdd2", "#16181c");

/// Sample people, as `rosterd sample` makes them.
fn people() -> Vec<Employee> {
    let with_id = |(id, changes): (u64, roster_common::Changes)| Employee {
        id: EmployeeId::try_from(id).unwrap(),
        details: changes.to_details().unwrap(),
        version: Version::FIRST,
        created: now(),
        updated: now(),
        updated_by: "ada".into(),
    };
    (1..).zip(sample::employees(400, 7)).map(with_id).collect()
}

fn signed_in() -> World {
    World::signed_in(Role::Editor, people(), (108, 28))
}

fn table() -> World {
    let mut world = signed_in();
    world.keys("/").types("dept:engineering").serve();
    world.keys("Enter j j Space j Space j j");
    world
}

/// A record beside the table, once the cursor has rested on it.
fn record() -> World {
    let mut world = World::signed_in(Role::Editor, people(), (120, 32));
    world.keys("j Enter");
    let id = world.state.table.selected;
    let mut reports: Vec<_> = people()
        .into_iter()
        .filter(|person| person.details.manager() == id)
        .map(|person| person.details.full_name())
        .collect();
    reports.sort();
    let reports: Vec<_> = reports.iter().map(String::as_str).collect();
    world.serves_related(&reports, past());
    world
}

fn form() -> World {
    let mut world = signed_in();
    world.keys("j j j j j e Tab Tab Ctrl-u").types("nobody");
    world.keys("Tab Tab Ctrl-u").types("Principal Engineer");
    world.keys("Ctrl-s");
    world
}

fn conflict() -> World {
    let mut world = signed_in();
    world
        .keys("j j e Tab Tab Tab Tab Ctrl-u")
        .types("Team Lead");
    world.keys("Tab Ctrl-u").types("Operations").keys("Ctrl-s");
    let fields = [
        (Field::Title, "Principal Engineer"),
        (Field::Department, "Platform"),
        (Field::Location, "Leeds"),
    ];
    let theirs = changed(&world.people[2], &fields);
    world.reply(Reply::Changed(Err(stale(&theirs)))).keys("m");
    world
}

#[test]
fn the_pictures_of_the_readme_show_the_application_as_it_is() {
    let theme = Theme::named(ThemeName::Dark, true);
    let worlds = [
        ("table", table()),
        ("record", record()),
        ("form", form()),
        ("conflict", conflict()),
    ];
    for (name, world) in worlds {
        let picture = picture(&world.buffer(&theme), &world.screen());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.svg"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &picture).unwrap();
        }
        let drawn = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            drawn == picture,
            "docs/{name}.svg is out of date; run scripts/shots"
        );
    }
}

/// A buffer as an SVG image.
fn picture(buffer: &Buffer, description: &str) -> String {
    let (columns, rows) = (
        usize::from(buffer.area.width),
        usize::from(buffer.area.height),
    );
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let (text, ground) = TERMINAL;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" \
         font-size=\"15\" fill=\"{text}\" xml:space=\"preserve\">\n",
        escaped(description.lines().next().unwrap_or_default().trim())
    );
    for (y, row) in buffer.content.chunks(columns).enumerate() {
        draw_row(&mut svg, y, &with_covered_cells(row));
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The row with the style of each wide character also in the cell that it covers.
fn with_covered_cells(row: &[Cell]) -> Vec<Cell> {
    let mut row = row.to_vec();
    for x in 1..row.len() {
        if row[x - 1].cell_width() > 1 {
            let style = row[x - 1].style();
            row[x].set_style(style);
        }
    }
    row
}

/// Draws the grounds of a row and then its texts, in runs of the same style. A wide character and a
/// blank end a run, so that everything stands in its cell whatever the font.
fn draw_row(svg: &mut String, y: usize, row: &[Cell]) {
    let top = MARGIN + y * CELL.1;
    let left = |x: usize| MARGIN + x * CELL.0;
    let style = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
    let mut x = 0;
    while let Some(first) = row.get(x) {
        let length = row[x..]
            .iter()
            .take_while(|cell| style(cell) == style(first))
            .count();
        let (_, ground) = colours(first);
        if ground != TERMINAL.1 {
            let (x, width) = (left(x), length * CELL.0);
            let height = CELL.1;
            writeln!(svg, "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>").unwrap();
        }
        if first.modifier.contains(Modifier::UNDERLINED) {
            let (x, end, y) = (left(x), left(x + length), top + CELL.1 - 2);
            let (colour, _) = colours(first);
            writeln!(svg, "<path d=\"M{x} {y}H{end}\" stroke=\"{colour}\"/>").unwrap();
        }
        x += length;
    }
    let mut x = 0;
    while let Some(first) = row.get(x) {
        let is_same = |cell: &&Cell| {
            style(cell) == style(first) && cell.symbol() != " " && cell.cell_width() == 1
        };
        let length = row[x..].iter().take_while(is_same).count().max(1);
        let symbols: String = row[x..x + length].iter().map(Cell::symbol).collect();
        if symbols != " " {
            draw_text(svg, left(x), top + CELL.1 - 5, &symbols, first, length);
        }
        x += length.max(usize::from(first.cell_width()));
    }
}

fn draw_text(svg: &mut String, x: usize, y: usize, text: &str, cell: &Cell, length: usize) {
    let (colour, _) = colours(cell);
    let cells = length.max(usize::from(cell.cell_width()));
    let mut attributes = format!("x=\"{x}\" y=\"{y}\" textLength=\"{}\"", cells * CELL.0);
    if colour != TERMINAL.0 {
        write!(attributes, " fill=\"{colour}\"").unwrap();
    }
    if cell.modifier.contains(Modifier::BOLD) {
        attributes.push_str(" font-weight=\"bold\"");
    }
    if cell.modifier.contains(Modifier::DIM) {
        attributes.push_str(" opacity=\"0.6\"");
    }
    writeln!(svg, "<text {attributes}>{}</text>", escaped(text)).unwrap();
}

/// The colours of a cell's text and ground.
fn colours(cell: &Cell) -> (String, String) {
    let name = |colour: Color, default: &str| match colour {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Indexed(15) => "#ffffff".to_owned(),
        Color::Indexed(index @ 232..) => {
            let level = 8 + 10 * (u16::from(index) - 232);
            format!("#{level:02x}{level:02x}{level:02x}")
        }
        _ => default.to_owned(),
    };
    let (text, ground) = (name(cell.fg, TERMINAL.0), name(cell.bg, TERMINAL.1));
    if cell.modifier.contains(Modifier::REVERSED) {
        (ground, text)
    } else {
        (text, ground)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
