//! User management.

use roster::effect::{Call, Effect, LocalTask};
use roster::event::account::AccountAnswer;
use roster::event::{Event, Reply, Timer};
use roster::keys::Screen;
use roster::remote::ClientError;
use roster::state::text::Secret;
use roster::state::{AccountCall, GeneratedPassword, UserForm, Users};
use roster_common::users::Account;
use roster_common::{Code, Role};

use crate::world::{World, accounts, identity, refused, staff, unanswered};

/// Ada looks at the users.
fn at_the_users(size: (u16, u16)) -> World {
    let mut world = World::signed_in(Role::Admin, staff(), size);
    assert!(matches!(
        world.keys("A").take()[..],
        [.., Effect::Call(Call::Account(AccountCall::Users))]
    ));
    world.reply(Reply::Account(AccountAnswer::Users(Ok(accounts()))));
    world
}

fn asked(world: &mut World) -> Option<AccountCall> {
    let asked = |effect| match effect {
        Effect::Call(Call::Account(ask)) => Some(ask),
        _ => None,
    };
    world.take().into_iter().filter_map(asked).next_back()
}

fn done(
    world: &mut World,
    ask: AccountCall,
    password: Option<&str>,
    result: Result<(), ClientError>,
) {
    let password = password.map(|text| {
        let mut secret = Secret::default();
        secret.paste(text);
        secret
    });
    world.reply(Reply::Account(AccountAnswer::Done {
        ask: Box::new(ask),
        password,
        result,
    }));
}

#[test]
fn users_without_permission_see_why() {
    for role in [Role::Viewer, Role::Editor] {
        let mut world = World::signed_in(role, staff(), (80, 24));
        world.take();
        world.keys("A");
        assert_eq!(
            (world.state.screen(), asked(&mut world)),
            (Screen::Table, None)
        );
        assert!(
            world
                .screen()
                .contains("Only admins can manage users. Ask an admin.")
        );
    }
}

#[test]
fn a_password_is_shown_only_where_one_is_written() {
    let mut world = at_the_users((80, 24));
    assert!(world.keys("n").screen().contains("show password"));
    assert!(!world.keys("Esc e").screen().contains("show password"));
    assert!(
        world
            .keys("Ctrl-r")
            .screen()
            .contains("There is no password field here.")
    );
}

#[test]
fn a_user_is_added_with_a_password_that_is_generated_and_shown_once() {
    let mut world = at_the_users((80, 24));
    world.keys("n").types("Kim").keys("Tab Right Ctrl-s");
    let ask = asked(&mut world).unwrap();
    assert_eq!(
        ask,
        AccountCall::Add {
            name: "kim".parse().unwrap(),
            role: Role::Editor,
            password: None
        }
    );
    done(&mut world, ask, Some("abcde-fghij-kmnpq-rstuv"), Ok(()));
    assert!(
        world.screen().contains("abcde-fghij-kmnpq-rstuv"),
        "{}",
        world.screen()
    );
    assert!(
        !format!("{:?}", world.state).contains("abcde"),
        "it is seen, and does not print"
    );
    let effects = world.keys("y").take();
    let copied = |effect: &Effect| matches!(effect, Effect::Local(LocalTask::Copy { text, .. }) if text.expose().starts_with("abcde"));
    assert!(effects.iter().any(copied));
    assert!(
        !format!("{effects:?}").contains("abcde"),
        "it is copied, and does not print"
    );
    world.keys("Esc");
    assert_eq!(
        (
            world.state.screen(),
            world.state.overlay::<GeneratedPassword>()
        ),
        (Screen::Users, None)
    );
}

#[test]
fn a_user_is_added_with_a_password_that_is_typed() {
    let mut world = at_the_users((80, 24));
    world
        .keys("n")
        .types("kim")
        .keys("Tab Tab")
        .types("short")
        .keys("Ctrl-s");
    assert!(
        world.screen().contains("Use at least 12 characters."),
        "{}",
        world.screen()
    );
    world.types(" and then longer").keys("Ctrl-s");
    let Some(AccountCall::Add {
        password: Some(password),
        ..
    }) = asked(&mut world)
    else {
        panic!()
    };
    assert_eq!(password.expose(), "short and then longer");
}

#[test]
fn a_taken_name_is_shown_at_its_field() {
    let mut world = at_the_users((80, 24));
    world.keys("n").types("eve").keys("Ctrl-s");
    let ask = asked(&mut world).unwrap();
    done(&mut world, ask, None, Err(refused(Code::UsernameTaken)));
    assert!(
        world.screen().contains("This username is taken."),
        "{}",
        world.screen()
    );
    world.types("2");
    assert!(
        !world.screen().contains("already"),
        "another name is another question"
    );
}

#[test]
fn a_role_is_changed_and_an_account_is_shut() {
    let mut world = at_the_users((80, 24));
    world.keys("j e Left Tab Right Ctrl-s");
    let ask = asked(&mut world).unwrap();
    let name = "eve".parse().unwrap();
    assert_eq!(
        ask,
        AccountCall::Change {
            name,
            role: Some(Role::Viewer),
            disabled: Some(true)
        }
    );
    done(&mut world, ask, None, Ok(()));
    assert!(
        world
            .screen()
            .contains("eve is now a viewer and can no longer sign in."),
        "{}",
        world.screen()
    );
    assert_eq!(
        asked(&mut world),
        Some(AccountCall::Users),
        "and the list is read anew"
    );
}

#[test]
fn unchanged_settings_are_not_sent() {
    let mut world = at_the_users((80, 24));
    world.keys("e Ctrl-s");
    assert_eq!(
        (asked(&mut world), world.state.overlay::<UserForm>()),
        (None, None)
    );
    assert!(world.screen().contains("Nothing was changed."));
}

#[test]
fn changing_your_own_account_asks_first() {
    for (keys, loss) in [
        ("e Left Ctrl-s", "delete people or manage users."),
        ("e Left Left Ctrl-s", "change anything."),
        ("e Tab Right Ctrl-s", "be signed out and"),
        ("d", "be signed out and"),
        ("p", "be signed out."),
        ("s", "be signed out."),
    ] {
        let mut world = at_the_users((80, 24));
        world.keys(keys);
        let screen = world.screen();
        assert!(
            screen.contains("This is your own account: you will") && screen.contains(loss),
            "{keys}\n{screen}"
        );
        world.keys("Enter");
        assert_eq!(
            asked(&mut world),
            None,
            "{keys}: the first answer does nothing"
        );
        world.keys(keys.rsplit(' ').next().unwrap()).keys("y");
        assert!(asked(&mut world).is_some(), "{keys}");

        let mut world = at_the_users((80, 24));
        world.keys("j").keys(keys);
        assert!(
            !world.screen().contains("your own"),
            "{keys}: nor is it said of others\n{}",
            world.screen()
        );
    }
}

#[test]
fn who_answers_about_their_own_account_waits_in_the_form_for_the_answer() {
    let mut world = at_the_users((80, 24));
    world.keys("e Left Ctrl-s y");
    assert!(matches!(
        asked(&mut world),
        Some(AccountCall::Change {
            role: Some(Role::Editor),
            ..
        })
    ));
    assert!(world.state.overlay::<UserForm>().unwrap().saving);
    assert_eq!(
        asked(world.keys("Ctrl-s")),
        None,
        "and nothing is sent twice"
    );
}

#[test]
fn the_last_admin_stays_with_a_hint_what_to_do() {
    let mut world = at_the_users((80, 24));
    world.keys("e Left Ctrl-s y");
    let ask = asked(&mut world).unwrap();
    done(&mut world, ask, None, Err(refused(Code::LastAdmin)));
    assert!(
        world
            .screen()
            .contains("ada is the last admin. Make someone else an admin first.")
    );
    world.keys("Esc y d y");
    let ask = asked(&mut world).unwrap();
    assert_eq!(ask, AccountCall::Remove("ada".parse().unwrap()));
    done(&mut world, ask, None, Err(refused(Code::LastAdmin)));
    assert!(world.screen().contains("ada is the last admin."));
}

#[test]
fn a_password_is_reset_and_shown_once_after_a_question() {
    let mut world = at_the_users((80, 24));
    world.keys("j p");
    assert!(
        world.screen().contains("Reset eve's password?") && world.screen().contains("> Cancel")
    );
    world.keys("y");
    let ask = asked(&mut world).unwrap();
    assert_eq!(ask, AccountCall::ResetPassword("eve".parse().unwrap()));
    done(&mut world, ask, Some("abcde-fghij-kmnpq-rstuv"), Ok(()));
    assert_eq!(world.state.screen(), Screen::GeneratedPassword);
}

#[test]
fn a_password_that_was_not_set_is_not_shown() {
    for error in [refused(Code::UserNotFound), unanswered()] {
        let mut world = at_the_users((80, 24));
        world.keys("j p y");
        let ask = asked(&mut world).unwrap();
        done(&mut world, ask, Some("abcde-fghij-kmnpq-rstuv"), Err(error));
        assert_eq!(world.state.screen(), Screen::Users);
    }
}

#[test]
fn the_user_list_shows_whether_an_unanswered_call_worked() {
    let kim = |role: Role| Account {
        username: "kim".parse().unwrap(),
        role: role.into(),
        ..accounts().remove(1)
    };
    let added = [accounts(), vec![kim(Role::Viewer)]].concat();
    let name = || "kim".parse().unwrap();
    let add = || AccountCall::Add {
        name: name(),
        role: Role::Viewer,
        password: None,
    };
    let promote = || AccountCall::Change {
        name: name(),
        role: Some(Role::Editor),
        disabled: None,
    };
    for (ask, list, message) in [
        (
            add(),
            added.clone(),
            "Added kim, but the password was lost. Press p to reset it.",
        ),
        (
            add(),
            accounts(),
            "kim has not been added so far; the request may be lost.",
        ),
        (
            promote(),
            [accounts(), vec![kim(Role::Editor)]].concat(),
            "kim is now an editor.",
        ),
        (
            promote(),
            added.clone(),
            "kim has not been changed so far; the request may be lost.",
        ),
        (
            AccountCall::ResetPassword(name()),
            added.clone(),
            "kim's password may have changed. Press p to reset it.",
        ),
        (
            AccountCall::EndSessionsOf(name()),
            added.clone(),
            "kim is still signed in.",
        ),
        (
            AccountCall::Remove(name()),
            accounts(),
            "Deleted the account kim.",
        ),
    ] {
        let mut world = at_the_users((80, 24));
        done(
            &mut world,
            ask,
            Some("abcde-fghij-kmnpq-rstuv"),
            Err(unanswered()),
        );
        world.keys("Esc").event(Event::Timer(Timer::Retry)).serve();
        assert_eq!(
            asked(&mut world),
            Some(AccountCall::Users),
            "it is asked though the list is closed"
        );
        world.reply(Reply::Account(AccountAnswer::Users(Ok(list))));
        assert!(
            world.screen().contains(message),
            "{message}\n{}",
            world.screen()
        );
    }
}

#[test]
fn sessions_are_ended_and_a_user_is_deleted_after_a_question() {
    let mut world = at_the_users((80, 24));
    world.keys("j s y");
    assert_eq!(
        asked(&mut world),
        Some(AccountCall::EndSessionsOf("eve".parse().unwrap()))
    );
    world.keys("d Enter");
    assert_eq!(asked(&mut world), None, "Cancel is the first answer");
    world.keys("d y");
    let ask = asked(&mut world).unwrap();
    done(&mut world, ask, None, Ok(()));
    assert!(world.screen().contains("Deleted the account eve."));
    world.reply(Reply::Account(AccountAnswer::Users(Ok(accounts()
        .drain(..1)
        .collect()))));
    assert_eq!(
        world
            .state
            .overlay::<Users>()
            .unwrap()
            .current()
            .unwrap()
            .username
            .as_str(),
        "ada"
    );
}

#[test]
fn a_former_admin_sees_the_new_role_and_cannot_continue() {
    let mut world = at_the_users((80, 24));
    world.event(Event::IdentityRenewed(identity(Role::Viewer)));
    assert!(
        world
            .screen()
            .contains("You are now a viewer: you can view everything.")
    );
    world.take();
    world.keys("d");
    assert_eq!(
        (world.state.screen(), asked(&mut world)),
        (Screen::Users, None)
    );
    assert!(world.screen().contains("Only admins can manage users."));
    world.keys("Esc e");
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(world.screen().contains("You have read-only access."));
}

#[test]
fn changing_your_own_role_is_shown_and_closes_the_users() {
    let mut world = at_the_users((80, 24));
    let ask = AccountCall::Change {
        name: "ada".parse().unwrap(),
        role: Some(Role::Editor),
        disabled: None,
    };
    done(&mut world, ask, None, Ok(()));
    assert!(
        world.screen().contains("ada is now an editor."),
        "{}",
        world.screen()
    );
    assert_eq!(
        (world.state.screen(), asked(&mut world)),
        (Screen::Table, None)
    );
    world.keys("A");
    assert!(
        world.screen().contains("Only admins can manage users."),
        "{}",
        world.screen()
    );
}

#[test]
fn a_form_of_a_user_is_not_left_by_mistake() {
    for (opens, types) in [
        ("n", "kim"),
        ("n Tab", "e"),
        ("n Tab Tab", "secret"),
        ("j e", "a"),
    ] {
        let mut world = at_the_users((80, 24));
        world.keys(opens).keys("Esc");
        assert_eq!(world.state.screen(), Screen::Users, "nothing was written");
        world.keys(opens).types(types).keys("Esc");
        assert!(
            world.screen().contains("Discard your changes?"),
            "{opens}\n{}",
            world.screen()
        );
        world.keys("n");
        assert_eq!(world.state.screen(), Screen::UserForm, "{opens}");
        world.keys("Esc y");
        assert_eq!(world.state.screen(), Screen::Users, "{opens}");
    }
}

#[test]
fn the_cursor_goes_to_the_user_who_was_added() {
    let mut world = at_the_users((80, 24));
    world.keys("n").types("mia").keys("Ctrl-s");
    let ask = asked(&mut world).unwrap();
    done(&mut world, ask, Some("abcde-fghij-kmnpq-rstuv"), Ok(()));
    let mut all = accounts();
    let mia = Account {
        username: "mia".parse().unwrap(),
        ..all[1].clone()
    };
    all.insert(2, mia);
    world
        .keys("Esc")
        .reply(Reply::Account(AccountAnswer::Users(Ok(all.clone()))));
    let selected = |world: &World| world.state.overlay::<Users>().unwrap().cursor;
    assert_eq!(selected(&world), 2);
    world.keys("k");
    world.reply(Reply::Account(AccountAnswer::Users(Ok(all))));
    assert_eq!(selected(&world), 1, "and not again");
}
