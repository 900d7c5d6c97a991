//! The person's own sessions and password.

use roster::effect::{Call, Effect, TerminalTask};
use roster::event::account::AccountAnswer;
use roster::event::{Event, Reply, Timer};
use roster::keys::Screen;
use roster::remote::ClientError;
use roster::state::account::PasswordField;
use roster::state::text::Secret;
use roster::state::{AccountCall, ChangePassword, MySessions};
use roster_common::problem::Rule;
use roster_common::{Code, FieldError, Problem, Role};

use crate::world::{World, refused, sessions, staff, unanswered, unreachable};

/// Ada looks at her sessions.
fn at_the_sessions(size: (u16, u16)) -> World {
    let mut world = World::signed_in(Role::Admin, staff(), size);
    assert!(matches!(
        world.keys("a").take()[..],
        [.., Effect::Call(Call::Account(AccountCall::Sessions))]
    ));
    world.reply(Reply::Account(AccountAnswer::Sessions(Ok(sessions()))));
    world
}

/// Ada writes another password.
fn at_the_password(size: (u16, u16)) -> World {
    let mut world = at_the_sessions(size);
    world.keys("p");
    world
}

/// What was asked about accounts, and nothing else.
fn asked(world: &mut World) -> Option<AccountCall> {
    let asked = |effect| match effect {
        Effect::Call(Call::Account(ask)) => Some(ask),
        _ => None,
    };
    world.take().into_iter().filter_map(asked).next_back()
}

fn done(world: &mut World, ask: AccountCall, result: Result<(), ClientError>) {
    world.reply(Reply::Account(AccountAnswer::Done {
        ask: Box::new(ask),
        password: None,
        result,
    }));
}

#[test]
fn my_sessions_say_which_is_this_one() {
    let world = at_the_sessions((80, 24));
    assert!(
        world
            .screen()
            .lines()
            .any(|line| line.contains("this one") && line.contains("127.0.0.1"))
    );
    assert!(world.screen().contains("curl/8.5.0"), "{}", world.screen());
}

#[test]
fn one_session_is_ended_after_a_question() {
    let mut world = at_the_sessions((80, 24));
    world.keys("j d");
    assert!(
        world
            .screen()
            .contains("The device at 10.20.30.40 (curl/8.5.0)")
            && world.screen().contains("> Cancel")
    );
    world.keys("y");
    let Some(AccountCall::EndSession(session)) = asked(&mut world) else {
        panic!()
    };
    assert_eq!(session.id, "other");
    done(&mut world, AccountCall::EndSession(session), Ok(()));
    assert!(
        world
            .screen()
            .contains("Ended the session from 10.20.30.40.")
    );
    assert_eq!(
        asked(&mut world),
        Some(AccountCall::Sessions),
        "and the list is read anew"
    );
    world.reply(Reply::Account(AccountAnswer::Sessions(Ok(sessions()
        .drain(..1)
        .collect()))));
    assert_eq!(world.state.overlay::<MySessions>().unwrap().cursor, 0);
}

#[test]
fn all_others_are_ended_after_a_question_and_only_if_there_are_any() {
    let mut world = at_the_sessions((80, 24));
    world.keys("o y");
    assert_eq!(asked(&mut world), Some(AccountCall::EndOthers));
    done(&mut world, AccountCall::EndOthers, Ok(()));
    world.reply(Reply::Account(AccountAnswer::Sessions(Ok(sessions()
        .drain(..1)
        .collect()))));
    world.keys("o");
    assert!(
        world.screen().contains("You have no other sessions."),
        "{}",
        world.screen()
    );
}

#[test]
fn the_cursor_stays_on_its_session_after_a_reload() {
    let mut world = at_the_sessions((80, 24));
    world.keys("j j r");
    world.reply(Reply::Account(AccountAnswer::Sessions(Ok(sessions()
        .drain(1..)
        .collect()))));
    assert_eq!(
        world
            .state
            .overlay::<MySessions>()
            .unwrap()
            .current()
            .unwrap()
            .id,
        "third"
    );
}

#[test]
fn a_password_is_changed_and_the_others_are_signed_out() {
    let mut world = at_the_password((80, 24));
    world
        .types("ada knows the engine")
        .keys("Tab")
        .types("ada knows the difference")
        .keys("Tab");
    world.types("ada knows the difference").keys("Ctrl-s");
    assert!(
        !world.screen().contains("difference")
            && !format!("{:?}", world.state).contains("difference")
    );
    let Some(ask @ AccountCall::ChangePassword { .. }) = asked(&mut world) else {
        panic!()
    };
    let AccountCall::ChangePassword { current, new } = &ask else {
        panic!()
    };
    assert_eq!(
        (current.expose(), new.expose()),
        ("ada knows the engine", "ada knows the difference")
    );
    done(&mut world, ask, Ok(()));
    assert_eq!(world.state.screen(), Screen::MySessions);
    assert!(
        world
            .screen()
            .contains("Changed your password and ended your other sessions.")
    );
}

#[test]
fn the_rules_are_shown_while_the_password_is_written() {
    let mut world = at_the_password((80, 24));
    world.keys("Tab").types("ada kn");
    assert!(
        world.screen().contains("12 to 72 characters (now 6)"),
        "{}",
        world.screen()
    );
    world.types("öws the engine");
    assert!(
        world.screen().contains("12 to 72 bytes (now 21)"),
        "{}",
        world.screen()
    );
    world.keys("Ctrl-u").types("qwerty123456");
    assert!(world.screen().contains("This password is too common."));
    world
        .keys("Ctrl-u")
        .types("ada knows the difference")
        .keys("Tab")
        .types("ada k");
    assert!(
        !world.screen().contains("The passwords do not match."),
        "it may still become it"
    );
    world.types("!");
    assert!(world.screen().contains("The passwords do not match."));
    world.keys("Backspace").types("nows the difference");
    assert!(world.screen().contains("matches") && !world.screen().contains("not the same"));
    world.keys("Ctrl-r");
    assert!(world.screen().contains("ada knows the difference"));
}

#[test]
fn invalid_passwords_are_not_sent() {
    let mut world = at_the_password((80, 24));
    world.keys("Ctrl-s");
    assert!(world.screen().contains("Enter your current password."));
    world
        .types("ada knows the engine")
        .keys("Tab")
        .types("short")
        .keys("Ctrl-s");
    assert!(
        world.screen().contains("Use at least 12 characters."),
        "{}",
        world.screen()
    );
    assert_eq!(asked(&mut world), None);
}

#[test]
fn a_password_that_is_not_mine_is_wiped_and_asked_for_again() {
    let mut world = at_the_password((80, 24));
    for text in [
        "not this",
        "ada knows the difference",
        "ada knows the difference",
    ] {
        world.types(text).keys("Tab");
    }
    world.keys("Ctrl-s");
    let error = FieldError::new("current", Rule::Wrong, "Wrong current password.");
    let problem = Problem {
        errors: vec![error],
        ..Problem::new(Code::ValidationFailed, "")
    };
    let ask = asked(&mut world).unwrap();
    done(
        &mut world,
        ask,
        Err(ClientError::Refused(Box::new(problem))),
    );
    let form = world.state.overlay::<ChangePassword>().unwrap();
    assert!(
        form.focus == PasswordField::Current && form.current.is_empty() && !form.new.is_empty()
    );
    assert!(world.screen().contains("Wrong current password."));
}

#[test]
fn capitals_alone_ask_for_the_caps_lock() {
    let mut world = at_the_password((80, 24));
    world.types("ADA KNOWS");
    assert!(world.screen().contains("Is Caps Lock on?"));
    world.types("x");
    assert!(!world.screen().contains("Caps Lock"));

    let mut world = World::started(staff(), (80, 24));
    world
        .reply(Reply::Resumed(Ok(None)))
        .types("ada")
        .keys("Tab")
        .types("ADA KNOWS");
    assert!(
        world.screen().contains("Is Caps Lock on?"),
        "{}",
        world.screen()
    );
}

#[test]
fn an_answer_that_is_lost_says_which_password_to_try() {
    let mut world = at_the_password((80, 24));
    let ask = AccountCall::ChangePassword {
        current: Secret::default(),
        new: Secret::default(),
    };
    done(&mut world, ask, Err(unanswered()));
    assert!(
        world
            .screen()
            .contains("No answer from the server; checking whether it was done."),
        "{}",
        world.screen()
    );
    let effects = world.keys("Esc Esc q").take();
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Terminal(TerminalTask::Quit(_)))),
        "and the person stays until it is told"
    );
    world.event(Event::Timer(Timer::Retry)).serve();
    assert_eq!(asked(&mut world), Some(AccountCall::Sessions));
    world.reply(Reply::Account(AccountAnswer::Sessions(Ok(sessions()))));
    assert!(
        world
            .screen()
            .contains("if the old one fails, try the new one."),
        "{}",
        world.screen()
    );
}

#[test]
fn the_session_list_shows_whether_an_unanswered_end_worked() {
    for (left, message) in [
        (2, "Ended the session from 10.20.30.40."),
        (3, "The session from 10.20.30.40 has not ended so far"),
    ] {
        let mut world = at_the_sessions((80, 24));
        world.keys("j d y");
        let ask = asked(&mut world).unwrap();
        done(&mut world, ask, Err(unanswered()));
        world.event(Event::Timer(Timer::Retry)).serve();
        let mut list = sessions();
        list.retain(|session| left == 3 || session.id != "other");
        world.reply(Reply::Account(AccountAnswer::Sessions(Ok(list))));
        assert!(world.screen().contains(message), "{}", world.screen());
    }
}

#[test]
fn offline_the_sessions_stay_and_are_read_when_the_server_is_back() {
    let mut world = at_the_sessions((80, 24));
    world.keys("r");
    asked(&mut world);
    world.reply(Reply::Account(AccountAnswer::Sessions(Err(unreachable()))));
    world.keys("d");
    assert_eq!(world.state.screen(), Screen::MySessions);
    assert!(world.screen().contains("Not available offline.") && world.screen().contains("curl"));
    world.event(Event::Timer(Timer::Retry)).serve();
    assert_eq!(asked(&mut world), Some(AccountCall::Sessions));
}

#[test]
fn an_ended_session_keeps_the_password_form() {
    let mut world = at_the_password((80, 24));
    world
        .types("ada knows the engine")
        .keys("Tab")
        .types("ada knows the difference");
    world.reply(Reply::Account(AccountAnswer::Sessions(Err(refused(
        Code::SessionEnded,
    )))));
    assert_eq!(world.state.screen(), Screen::SignIn);
    world.types("ada knows the engine").keys("Enter");
    world
        .reply(Reply::SignedIn(Ok(crate::world::identity(Role::Admin))))
        .serve();
    assert_eq!(
        world
            .state
            .overlay::<ChangePassword>()
            .unwrap()
            .new
            .expose(),
        "ada knows the difference"
    );
}

#[test]
fn the_form_of_the_password_is_not_left_by_mistake() {
    let mut world = at_the_password((80, 24));
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::MySessions);
    world.keys("p").types("old").keys("Esc");
    assert!(
        world.screen().contains("Discard your changes?"),
        "{}",
        world.screen()
    );
    world.keys("y");
    assert_eq!(world.state.screen(), Screen::MySessions);
}
