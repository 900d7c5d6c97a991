//! What became of a record, and how an old value comes back.

use jiff::SignedDuration;
use roster::effect::{Call, Effect, RowRequest};
use roster::event::Reply;
use roster::keys::Screen;
use roster::remote::Page;
use roster::state::{Form, History};
use roster_common::api::RunId;
use roster_common::history::{ChangeKind, FieldChange, HistoryEntry};
use roster_common::{Code, Field, Query, Role, Version};

use crate::world::{World, changed, now, refused, staff, unreachable};

fn entry(
    version: u64,
    by: &str,
    what: ChangeKind,
    changes: &[(Field, &str, &str)],
) -> HistoryEntry {
    let change = |(field, old, new): &(Field, &str, &str)| FieldChange {
        field: *field,
        old: (*old).to_owned(),
        new: (*new).to_owned(),
    };
    HistoryEntry {
        version: Version::new(version),
        at: now() - SignedDuration::from_hours(30 - i64::try_from(version).unwrap()),
        by: by.to_owned(),
        what,
        run: None,
        into: None,
        changes: changes.iter().map(change).collect(),
    }
}

/// What became of the first of the staff.
pub(crate) fn past() -> Vec<HistoryEntry> {
    vec![
        entry(
            3,
            "eve",
            ChangeKind::Changed,
            &[
                (Field::Title, "Foreman", "Plant Operator"),
                (Field::Phone, "", "+1-555"),
            ],
        ),
        entry(
            2,
            "ada",
            ChangeKind::Changed,
            &[(Field::Title, "Operator", "Foreman")],
        ),
        entry(1, "ada", ChangeKind::Created, &[]),
    ]
}

fn opened(size: (u16, u16)) -> World {
    let mut world = World::signed_in(Role::Editor, staff(), size);
    world.take();
    world.keys("t");
    let id = world.people[0].id;
    assert_eq!(
        world.take(),
        [Effect::Call(Call::History { id, before: None })]
    );
    world.reply(Reply::HistoryRead {
        id,
        before: None,
        result: Ok(past()),
    });
    world
}

#[test]
fn an_answer_to_an_earlier_opening_is_not_shown_twice() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("t t t");
    let id = world.people[0].id;
    for _ in 0..2 {
        world.reply(Reply::HistoryRead {
            id,
            before: None,
            result: Ok(past()),
        });
    }
    assert_eq!(world.state.overlay::<History>().unwrap().entries.len(), 3);
}

#[test]
fn an_old_value_comes_back_through_the_form() {
    let mut world = opened((80, 24));
    world.keys("Down Enter");
    let form = world.state.overlay::<Form>().unwrap();
    assert_eq!(
        (form.focus, form.text(Field::Title)),
        (Field::Title, "Foreman")
    );
    assert_eq!(
        form.text(Field::Phone),
        "+1-555-0122-8293",
        "and nothing else"
    );
    assert!(form.is_changed());
    world.keys("Ctrl-s");
    assert!(matches!(
        world.take()[..],
        [.., Effect::Call(Call::Change { .. })]
    ));
}

#[test]
fn a_whole_change_comes_back_at_once() {
    let mut world = opened((80, 24));
    world.keys("Enter");
    let form = world.state.overlay::<Form>().unwrap();
    assert_eq!(
        (form.text(Field::Title), form.text(Field::Phone)),
        ("Foreman", "")
    );
}

#[test]
fn the_beginning_has_no_value_before_it() {
    let mut world = opened((80, 24));
    world.keys("G Enter");
    assert_eq!(world.state.screen(), Screen::History);
    assert!(
        world.screen().contains("There is no old value here."),
        "{}",
        world.screen()
    );
}

/// Maya is gone, as her history says; the row that has her is older than that.
fn deleted(role: Role) -> World {
    let mut world = World::signed_in(role, staff(), (80, 24));
    let gone = [
        (Field::Firstname, "Maya", ""),
        (Field::Lastname, "Castro", ""),
        (Field::Title, "Foreman", ""),
    ];
    let newest = entry(4, "eve", ChangeKind::Deleted, &gone);
    world.keys("t").take();
    let id = world.people[0].id;
    let entries = [vec![newest], past()].concat();
    world.reply(Reply::HistoryRead {
        id,
        before: None,
        result: Ok(entries),
    });
    world
}

#[test]
fn who_was_deleted_comes_back_from_the_line_of_the_deletion() {
    let mut world = deleted(Role::Editor);
    assert!(
        world.screen().contains("Enter restore"),
        "{}",
        world.screen()
    );
    world.keys("Enter");
    assert!(
        world.screen().contains("Restore 1 person"),
        "{}",
        world.screen()
    );
    assert_eq!(world.take(), [], "nothing is done before somebody says so");
    world.keys("Right Enter");
    let effects = world.take();
    let [
        Effect::Call(Call::Apply {
            batch,
            row,
            request: RowRequest::Restore { id, changes },
        }),
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (
            id.get(),
            changes.get(Field::Title),
            changes.get(Field::Phone)
        ),
        (1, Some("Foreman"), Some(""))
    );
    let back = world.people[0].clone();
    world.reply(Reply::Applied {
        batch: *batch,
        row: *row,
        result: Ok(Some(back)),
    });
    assert!(world.screen().contains("1 restored."), "{}", world.screen());
}

#[test]
fn what_cannot_come_back_says_why_and_is_not_in_the_footer() {
    let changed_by_eve = |role| {
        let mut world = World::signed_in(role, staff(), (80, 24));
        world.keys("t");
        let id = world.people[0].id;
        world.reply(Reply::HistoryRead {
            id,
            before: None,
            result: Ok(past()),
        });
        world
    };
    let no_longer_there = || {
        let mut world = changed_by_eve(Role::Editor);
        world.people.remove(0);
        world.state.table.renew(world.state.now);
        let page = Page {
            total: world.people.len(),
            rows: world.people.clone(),
            offset: 0,
            ..Page::default()
        };
        let query_number = world.state.table.query_number;
        world.reply(Reply::Loaded {
            query_number,
            offset: 0,
            result: Ok(page),
        });
        world
    };
    let restored = || {
        let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
        world.keys("t");
        let id = world.people[0].id;
        let back = entry(
            5,
            "eve",
            ChangeKind::Restored,
            &[(Field::Firstname, "", "Maya")],
        );
        world.reply(Reply::HistoryRead {
            id,
            before: None,
            result: Ok(vec![back]),
        });
        world
    };
    let cut_off = || {
        let mut world = deleted(Role::Editor);
        world.reply(Reply::Collected {
            query: Query::default(),
            result: Err(unreachable()),
        });
        world
    };
    for (mut world, keys, message) in [
        (
            changed_by_eve(Role::Viewer),
            "j",
            "You have read-only access.",
        ),
        (deleted(Role::Viewer), "g", "You have read-only access."),
        (
            changed_by_eve(Role::Editor),
            "G",
            "There is no old value here.",
        ),
        (restored(), "g", "There is no old value here."),
        (restored(), "j", "There is no old value here."),
        (deleted(Role::Editor), "j", "This person was deleted."),
        (
            no_longer_there(),
            "j",
            "This person is no longer in the list.",
        ),
        (cut_off(), "g", "Not available offline."),
    ] {
        world.keys(keys).take();
        assert!(
            !world.footer().contains("restore"),
            "{message}\n{}",
            world.screen()
        );
        world.keys("Enter");
        assert_eq!(
            (world.state.screen(), world.take()),
            (Screen::History, vec![]),
            "{message}"
        );
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );
    }
}

#[test]
fn a_deleted_person_can_be_restored_from_the_results() {
    let mut world = deleted(Role::Editor);
    let history = world.state.take::<History>().unwrap();
    world.keys("Space Space =").types("Lead").keys("Ctrl-s");
    world.state.open(history.clone());
    world.keys("Enter");
    assert!(
        world.screen().contains("Another bulk change is open."),
        "{}",
        world.screen()
    );
    world.keys("Esc Right Enter");
    for effect in world.take() {
        let Effect::Call(Call::Apply { batch, row, .. }) = effect else {
            continue;
        };
        world.reply(Reply::Applied {
            batch,
            row,
            result: Err(refused(Code::EmployeeNotFound)),
        });
    }
    world.state.open(history);
    world.keys("Enter");
    assert!(
        world.screen().contains("Restore 1 person"),
        "{}",
        world.screen()
    );
    world.keys("Right Enter");
    let applied = |effect| {
        if let Effect::Call(Call::Apply { batch, .. }) = effect {
            Some(batch)
        } else {
            None
        }
    };
    let number = world.take().into_iter().find_map(applied).unwrap();
    let result = Ok(Some(changed(&staff()[0], &[])));
    world.reply(Reply::Applied {
        batch: number,
        row: 0,
        result,
    });
    assert!(
        world.screen().contains("1 restored.") && !world.screen().contains("to undo"),
        "an editor may not delete"
    );
}

#[test]
fn a_long_history_is_loaded_as_it_is_scrolled() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("t");
    let id = world.people[0].id;
    world.take();
    let page: Vec<_> = (51..101)
        .rev()
        .map(|v| entry(v, "ada", ChangeKind::Changed, &[(Field::Notes, "a", "b")]))
        .collect();
    world.reply(Reply::HistoryRead {
        id,
        before: None,
        result: Ok(page),
    });
    assert_eq!(world.take(), []);
    world.keys("G");
    assert_eq!(
        world.take(),
        [Effect::Call(Call::History {
            id,
            before: Some(Version::new(51))
        })]
    );
    world.keys("Esc");
    world.reply(Reply::HistoryRead {
        id,
        before: Some(Version::new(51)),
        result: Err(refused(Code::Internal)),
    });
    assert!(
        world.state.overlay::<History>().is_none() && world.state.banner.is_none(),
        "a late answer tells nothing"
    );
}

#[test]
fn a_change_by_an_import_names_the_run() {
    let mut world = World::signed_in(Role::Viewer, staff(), (80, 24));
    world.keys("t");
    let mut imported = past().remove(0);
    imported.run = Some(RunId::new(7));
    world.reply(Reply::HistoryRead {
        id: world.people[0].id,
        before: None,
        result: Ok(vec![imported]),
    });
    assert!(
        world.screen().contains("eve changed, import run 7"),
        "{}",
        world.screen()
    );
}
