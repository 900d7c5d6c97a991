//! Answers that come late, twice or never, and what the hands do meanwhile.

use roster::effect::{Call, Effect, Exit, TerminalTask};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::remote::{ClientError, Identity};
use roster::state::Form;
use roster_common::api::User;
use roster_common::{Code, Field, Role};

use crate::world::{World, changed, crowd, identity, person, refused, staff, stale, unreachable};

#[test]
fn a_form_waits_for_its_answer_and_no_other_form_gets_it() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s Esc Esc");
    assert_eq!(world.state.screen(), Screen::Form);
    assert!(world.screen().contains("The server has not answered yet."));
    let saved = changed(&world.people[0], &[(Field::Firstname, "Maya!")]);
    world.reply(Reply::Changed(Ok(saved)));
    assert_eq!(world.state.screen(), Screen::Table);
}

#[test]
fn leaving_waits_for_the_answer_to_a_change() {
    for (keys, answer) in [
        (
            "d y",
            Reply::Deleted {
                employee: Box::new(staff().remove(0)),
                result: Ok(()),
            },
        ),
        ("Q y", Reply::SignedOut(Err(unreachable()))),
    ] {
        let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
        world.keys(keys).take();
        assert_eq!(world.keys("q").take(), [], "{keys}");
        assert!(
            world.screen().contains("The server has not answered yet."),
            "{keys}"
        );
        assert_eq!(
            world.keys("Ctrl-c").take(),
            [Effect::Terminal(TerminalTask::Quit(Exit::Interrupted))],
            "Ctrl-c always leaves"
        );
        world.reply(answer).take();
        assert_eq!(
            world.keys("q").take(),
            [Effect::Terminal(TerminalTask::Quit(Exit::Done))],
            "{keys}"
        );
    }
}

#[test]
fn no_dialog_opens_while_someone_is_typing() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("d y n").types("Gra");
    let theirs = changed(&world.people[0], &[(Field::Title, "Plant Manager")]);
    world.reply(Reply::Deleted {
        employee: Box::new(staff().remove(0)),
        result: Err(stale(&theirs)),
    });
    assert!(
        world.screen().contains("Nothing was deleted."),
        "{}",
        world.screen()
    );
    world.take();
    world.types("yce");
    assert_eq!(world.take(), []);
    assert_eq!(
        world
            .state
            .overlay::<Form>()
            .unwrap()
            .text(Field::Firstname),
        "Grayce"
    );
}

#[test]
fn closing_the_sign_in_form_does_not_lose_the_form_below() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s");
    world
        .reply(Reply::Changed(Err(refused(Code::SessionExpired))))
        .take();
    assert_eq!(world.keys("Esc").take(), []);
    assert!(
        world.screen().contains("You have unsaved changes."),
        "{}",
        world.screen()
    );
}

#[test]
fn unsaved_text_is_not_shown_to_the_next_user() {
    let mut world = World::signed_in(Role::Editor, crowd(300), (80, 24));
    world
        .keys("/")
        .types("given2")
        .serve()
        .keys("Enter e")
        .types("!")
        .keys("Ctrl-s");
    world.reply(Reply::Changed(Err(refused(Code::SessionExpired))));
    world.take();
    world
        .keys("Up Ctrl-u")
        .types("eve")
        .keys("Tab")
        .types("eve edits the records")
        .keys("Enter");
    assert_eq!(world.take(), [], "nobody's words are dropped unasked");
    assert!(
        world.screen().contains("ada's unsaved changes"),
        "{}",
        world.screen()
    );
    world.keys("Enter");
    assert!(matches!(
        world.take()[..],
        [Effect::Call(Call::SignIn { .. }), ..]
    ));
    let eve = Identity {
        user: User {
            username: "eve".parse().unwrap(),
            role: Role::Editor.into(),
        },
        ..identity(Role::Editor)
    };
    world.reply(Reply::SignedIn(Ok(eve))).serve();
    assert_eq!(
        (world.state.screen(), world.state.overlay::<Form>()),
        (Screen::Table, None)
    );
    assert_eq!(world.state.table.search.text(), "");
    assert!(world.screen().contains("300 people"));
}

#[test]
fn a_long_paste_goes_where_the_cursor_is_as_far_as_anything_takes_it() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("n")
        .types("ab")
        .keys("Left")
        .event(Event::Paste("漢字".repeat(200_000)));
    world.types("!").keys("Tab");
    let text = world
        .state
        .overlay::<Form>()
        .unwrap()
        .text(Field::Firstname);
    assert!(text.starts_with("a漢") && text.ends_with("字!b"));
    assert!(
        world
            .screen()
            .contains("At most 100 characters; 3901 too many."),
        "{}",
        world.screen()
    );

    world
        .keys("Esc y /")
        .event(Event::Paste("漢字".repeat(200_000)));
    assert_eq!(world.state.table.search.text().chars().count(), 1000);
    assert!(
        world
            .screen()
            .contains("A filter can have at most 1000 characters.")
    );
}

#[test]
fn an_answer_from_before_a_sign_out_changes_nothing() {
    let mut world = World::signed_in(Role::Admin, crowd(1000), (80, 24));
    world.take();
    let late = world.keys("G").take().remove(0);
    world.keys("Q y").reply(Reply::SignedOut(Ok(())));
    world.answer(late);
    assert_eq!(world.state.screen(), Screen::SignIn);
    assert!(world.state.table.pages.is_empty());
    world.reply(Reply::Created(Ok(person(9, "New", "Comer", &[]))));
    assert_eq!(world.state.screen(), Screen::SignIn);
}

#[test]
fn an_invalid_response_is_reported() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    world.keys("d y");
    let error = ClientError::Protocol("HTML".into());
    world.reply(Reply::Deleted {
        employee: Box::new(staff().remove(0)),
        result: Err(error),
    });
    assert!(
        world.screen().contains("nvalid response"),
        "{}",
        world.screen()
    );
}
