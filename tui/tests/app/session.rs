//! Signing in and out, and a session that ends.

use roster::effect::{Call, Effect, Exit, LocalTask, TerminalTask};
use roster::event::{Event, Reply};
use roster::keys::Screen;
use roster::state::{Form, SignIn};
use roster_common::{Code, Field, Role};

use ratatui::style::Modifier;
use roster::view::Theme;

use crate::world::{World, changed, crowd, identity, is_write, refused, staff, stale, unreachable};

#[test]
fn the_stored_session_is_tried_first() {
    let mut world = World::started(staff(), (80, 24));
    assert_eq!(world.take(), [Effect::Call(Call::Resume)]);
    assert_eq!(
        world.state.screen(),
        Screen::Table,
        "nobody is asked for a password before it is needed"
    );
    world
        .reply(Reply::Resumed(Ok(Some(identity(Role::Viewer)))))
        .serve();
    assert!(world.screen().contains("Castro, Maya"));
}

#[test]
fn someone_new_signs_in() {
    let mut world = World::started(staff(), (80, 24));
    world.take();
    world.reply(Reply::Resumed(Ok(None)));
    world
        .types("Ada")
        .keys("Enter")
        .types("ada knows the engine");
    assert!(
        !world.screen().contains("engine") && world.screen().contains("••••"),
        "{}",
        world.screen()
    );
    world.keys("Ctrl-r");
    assert!(world.screen().contains("ada knows the engine"));
    world.keys("Enter");
    let [
        Effect::Call(Call::SignIn {
            server,
            username,
            password,
        }),
    ] = &world.take()[..]
    else {
        panic!()
    };
    assert_eq!(
        (server.as_str(), username.as_str()),
        ("http://127.0.0.1:7678", "ada")
    );
    assert_eq!(password.expose(), "ada knows the engine");
    assert!(
        !format!("{:?}", world.state).contains("engine"),
        "a password does not print"
    );
    world
        .reply(Reply::SignedIn(Ok(identity(Role::Admin))))
        .serve();
    assert!(world.screen().contains("Castro, Maya"));
}

#[test]
fn each_refusal_is_explained_and_the_password_is_kept() {
    for (error, message, after) in [
        (
            refused(Code::CredentialsInvalid),
            "Wrong username or password.",
            "a",
        ),
        (
            refused(Code::TooManyRequests),
            "Too many requests",
            "wronga",
        ),
        (unreachable(), "Can't reach the server", "wronga"),
    ] {
        let mut world = World::started(staff(), (80, 24));
        world
            .reply(Reply::Resumed(Ok(None)))
            .types("ada")
            .keys("Tab")
            .types("wrong")
            .keys("Enter");
        world.reply(Reply::SignedIn(Err(error)));
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );
        let password = |world: &World| {
            let form = world.state.overlay::<SignIn>().unwrap();
            form.password.expose().to_owned()
        };
        assert_eq!(password(&world), "wrong");
        world.types("a");
        assert_eq!(password(&world), after, "a wrong one is replaced");
    }
}

#[test]
fn a_wrong_password_is_selected_and_can_still_be_mended() {
    let wrong = || {
        let mut world = World::started(staff(), (80, 24));
        world
            .reply(Reply::Resumed(Ok(None)))
            .types("ada")
            .keys("Tab")
            .types("wrong")
            .keys("Enter");
        world.reply(Reply::SignedIn(Err(refused(Code::CredentialsInvalid))));
        world
    };
    let password = |world: &World| {
        let form = world.state.overlay::<SignIn>().unwrap();
        form.password.expose().to_owned()
    };
    let reversed = |world: &World| {
        let buffer = world.buffer(&Theme::MONO);
        let dots = buffer.content.iter().filter(|cell| cell.symbol() == "•");
        dots.filter(|cell| cell.modifier.contains(Modifier::REVERSED))
            .count()
    };
    let mut world = wrong();
    assert_eq!(reversed(&world), 5);
    world.keys("Up Ctrl-u").types("eve").keys("Down");
    assert_eq!((reversed(&world), password(&world).as_str()), (0, "wrong"));
    let mut world = wrong();
    world.keys("Backspace");
    assert_eq!(password(&world), "");
    let mut world = wrong();
    world.event(Event::Paste("right".into()));
    assert_eq!(password(&world), "right");
}

#[test]
fn what_was_wrong_goes_with_the_first_letter_of_another_try() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("e")
        .types("!")
        .keys("Ctrl-s")
        .reply(Reply::Changed(Err(refused(Code::SessionExpired))));
    world
        .types("wrong")
        .keys("Enter")
        .reply(Reply::SignedIn(Err(refused(Code::CredentialsInvalid))));
    assert!(
        world.screen().contains("Wrong username or password."),
        "{}",
        world.screen()
    );
    world.types("a");
    assert!(!world.screen().contains("Wrong"), "{}", world.screen());
    assert!(
        world.screen().contains("Your session has expired."),
        "and why it is asked at all is there again"
    );
}

#[test]
fn the_sign_in_footer_shows_the_key_that_quits() {
    let mut world = World::started(staff(), (80, 24));
    world.reply(Reply::Resumed(Ok(None)));
    assert!(world.screen().ends_with("Esc quit"), "{}", world.screen());
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world
        .keys("e")
        .types("!")
        .keys("Ctrl-s")
        .reply(Reply::Changed(Err(refused(Code::SessionExpired))))
        .take();
    assert!(
        world.screen().ends_with("Ctrl-c quit") && !world.screen().contains("Esc"),
        "{}",
        world.screen()
    );
    assert_eq!(world.keys("Esc").take(), []);
    assert!(
        world
            .screen()
            .contains("Sign in to save them, or press Ctrl-c to quit."),
        "{}",
        world.screen()
    );
    assert_eq!(
        world.keys("Ctrl-c").take(),
        [Effect::Terminal(TerminalTask::Quit(Exit::Interrupted))]
    );
}

#[test]
fn a_paste_fills_the_password_and_does_not_sign_in() {
    let mut world = World::started(staff(), (80, 24));
    world
        .reply(Reply::Resumed(Ok(None)))
        .types("ada")
        .keys("Tab");
    world.take();
    world.event(Event::Paste("secret\n".into()));
    assert_eq!(world.take(), []);
    assert_eq!(
        world.state.overlay::<SignIn>().unwrap().password.expose(),
        "secret"
    );
}

#[test]
fn an_ended_session_loses_no_work() {
    for (code, message) in [
        (Code::SessionExpired, "Your session has expired."),
        (Code::RefreshInvalid, "Your session has ended."),
        (Code::SessionEnded, "ended this session"),
    ] {
        let mut world = World::signed_in(Role::Editor, crowd(300), (80, 24));
        world
            .keys("/")
            .types("given2")
            .serve()
            .keys("Enter 7 G e")
            .types("!")
            .keys("Ctrl-s");
        world.take();
        world.reply(Reply::Changed(Err(refused(code))));
        assert_eq!(world.state.screen(), Screen::SignIn);
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );

        world.types("ada knows the engine").keys("Enter");
        world
            .reply(Reply::SignedIn(Ok(identity(Role::Editor))))
            .serve();
        assert_eq!(world.state.screen(), Screen::Form);
        assert!(
            world
                .state
                .overlay::<Form>()
                .unwrap()
                .text(Field::Firstname)
                .ends_with('!')
        );
        assert_eq!(world.state.table.search.text(), "given2");
        assert_eq!(world.state.table.cursor + 1, 7);
        world.take();
        world.keys("Ctrl-s");
        assert!(
            matches!(world.take()[..], [Effect::Call(Call::Change { .. })]),
            "and saving goes on"
        );
    }
}

#[test]
fn a_late_refusal_does_not_disturb_who_is_writing_a_password() {
    let mut world = World::signed_in(Role::Editor, crowd(300), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s");
    world
        .reply(Reply::Changed(Err(refused(Code::SessionExpired))))
        .types("ada kn");
    let query_number = world.state.table.query_number;
    world.reply(Reply::Loaded {
        query_number,
        offset: 0,
        result: Err(refused(Code::SessionExpired)),
    });
    assert_eq!(
        world.state.overlay::<SignIn>().unwrap().password.expose(),
        "ada kn"
    );
}

#[test]
fn signing_out_asks_first_and_forgets_everything() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys("Q y");
    assert_eq!(world.take(), [Effect::Call(Call::SignOut)]);
    world.reply(Reply::SignedOut(Ok(())));
    assert!(!world.screen().contains("Castro") && world.screen().contains("Signed out."));
    assert_eq!(
        world.state.overlay::<SignIn>().unwrap().username.text(),
        "ada"
    );
}

#[test]
fn leaving_keeps_the_session() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    assert_eq!(
        world.keys("q").take(),
        [Effect::Terminal(TerminalTask::Quit(Exit::Done))]
    );
    assert_eq!(
        world.keys("e Ctrl-c").take().last(),
        Some(&Effect::Terminal(TerminalTask::Quit(Exit::Interrupted)))
    );
}

#[test]
fn who_changes_the_name_back_drops_nothing_and_is_not_asked() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s");
    world
        .reply(Reply::Changed(Err(refused(Code::SessionExpired))))
        .take();
    world
        .keys("Up Ctrl-u")
        .types("eve")
        .keys("Tab")
        .types("ada knows the engine")
        .keys("Enter");
    assert!(
        world.screen().contains("discarded if eve"),
        "{}",
        world.screen()
    );
    world.keys("Up Ctrl-u").types("ada").keys("Enter");
    assert!(
        matches!(world.take()[..], [Effect::Call(Call::SignIn { .. }), ..]),
        "{}",
        world.screen()
    );
}

#[test]
fn a_deletion_that_met_the_end_of_a_session_is_asked_for_again() {
    let mut world = World::signed_in(Role::Admin, staff(), (80, 24));
    let Some(Effect::Call(Call::Delete(employee))) = world.keys("d y").take().pop() else {
        panic!()
    };
    world.reply(Reply::Deleted {
        employee,
        result: Err(refused(Code::SessionExpired)),
    });
    world.types("ada knows the engine").keys("Enter").take();
    world
        .reply(Reply::SignedIn(Ok(identity(Role::Admin))))
        .serve();
    assert!(world.screen().contains("Delete Maya Castro?") && world.screen().contains("> Cancel"));
    assert!(
        !world.take().iter().any(is_write),
        "nothing is deleted without its question"
    );
}

#[test]
fn a_conflict_survives_a_sign_in() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("e").types("!").keys("Ctrl-s");
    let theirs = changed(&world.people[0], &[(Field::Firstname, "Maia")]);
    world
        .reply(Reply::Changed(Err(stale(&theirs))))
        .keys("m Enter");
    world.reply(Reply::Changed(Err(refused(Code::SessionExpired))));
    assert_eq!(world.state.screen(), Screen::SignIn);
    world.types("ada knows the engine").keys("Enter").take();
    world
        .reply(Reply::SignedIn(Ok(identity(Role::Editor))))
        .serve()
        .take();
    assert_eq!(world.state.screen(), Screen::Conflict);
    assert!(
        matches!(
            world.keys("Enter").take()[..],
            [Effect::Call(Call::Change { .. }), ..]
        ),
        "mine is still taken"
    );
}

#[test]
fn a_half_typed_filter_survives_a_sign_in() {
    let mut world = World::signed_in(Role::Editor, crowd(300), (80, 24));
    world.keys("/").types("given2").take();
    let query_number = world.state.table.query_number;
    world.reply(Reply::Loaded {
        query_number,
        offset: 0,
        result: Err(refused(Code::SessionExpired)),
    });
    world.types("ada knows the engine").keys("Enter").take();
    world
        .reply(Reply::SignedIn(Ok(identity(Role::Editor))))
        .serve();
    assert_eq!(
        (world.state.screen(), world.state.table.search.text()),
        (Screen::Search, "given2")
    );
    world.types("9").serve();
    assert_eq!(world.state.table.search.text(), "given29");
}

#[test]
fn another_server_is_chosen_without_leaving() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.take();
    world.keys(":").types("switch server").keys("Enter");
    assert_eq!(world.state.screen(), Screen::SignIn);
    assert!(world.footer().contains("Esc cancel"), "{}", world.footer());
    assert_eq!(world.keys("Esc").take(), []);
    assert_eq!(
        world.state.screen(),
        Screen::Table,
        "who changes their mind stays signed in"
    );

    world
        .keys("@ Ctrl-u")
        .types("https://staff.example.com")
        .keys("Tab Tab")
        .types("ada knows the engine")
        .keys("Enter");
    let [Effect::Call(Call::SignIn { server, .. })] = &world.take()[..] else {
        panic!()
    };
    assert_eq!(server, "https://staff.example.com");
    world.reply(Reply::SignedIn(Err(unreachable())));
    assert_eq!(
        world.state.server, "http://127.0.0.1:7678",
        "where nobody has signed in, nothing is sent"
    );
    world.keys("Enter").take();
    world.reply(Reply::SignedIn(Ok(identity(Role::Viewer))));
    let effects = world.take();
    let uses = Effect::Local(LocalTask::UseServer("https://staff.example.com".into()));
    assert_eq!(
        effects.first(),
        Some(&uses),
        "before anything is asked there"
    );
    world.effects.extend(effects);
    world.serve();
    assert!(
        world.screen().contains("staff.example.com"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_server_that_is_not_reached_at_the_start_can_be_changed() {
    let mut world = World::started(staff(), (80, 24));
    world.take();
    world.reply(Reply::Resumed(Err(unreachable())));
    assert!(
        world.screen().contains("@ other server"),
        "{}",
        world.screen()
    );
    world.keys("@");
    assert_eq!(world.state.screen(), Screen::SignIn);
    world.keys("Esc");
    assert_eq!(
        world.take(),
        [Effect::Call(Call::Resume)],
        "it is tried again at once"
    );
}

#[test]
fn a_session_that_ends_under_the_form_for_another_server_must_be_replaced() {
    let mut world = World::signed_in(Role::Editor, staff(), (80, 24));
    world.keys("r @").take();
    let query_number = world.state.table.query_number;
    world.reply(Reply::Loaded {
        query_number,
        offset: 0,
        result: Err(refused(Code::SessionExpired)),
    });
    world.keys("Esc");
    assert_eq!(world.state.screen(), Screen::SignIn);
}
