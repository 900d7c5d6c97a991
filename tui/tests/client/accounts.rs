//! Sessions, passwords and accounts, through the client's own methods.

use roster::client::{Client, Options};
use roster_common::history::{AuditAction, ChangeKind};
use roster_common::users::{NewUser, PasswordChange, UserChanges};
use roster_common::{Changes, Code, Field, Password, Role, Username};
use roster_server::testing::password_of;

use crate::world::{World, code, sign_in};

fn name(name: &str) -> Username {
    name.parse().unwrap()
}

#[tokio::test]
async fn a_user_ends_their_other_sessions_and_then_all() {
    let world = World::new().await;
    let (here, folder) = (world.signed_in().await, tempfile::tempdir().unwrap());
    let there = Options {
        server: world.proxy.url.clone(),
        state: folder.path().into(),
        insecure_http: false,
        ca: None,
    };
    let there = Client::new(there).unwrap();
    sign_in(&there, "ada").await.unwrap();
    let current: Vec<_> = here
        .sessions()
        .await
        .unwrap()
        .iter()
        .map(|session| session.current)
        .collect();
    assert_eq!(current, [false, true]);
    here.sign_out_others().await.unwrap();
    assert_eq!(code(there.me().await), Code::SessionEnded);
    assert_eq!(here.sessions().await.unwrap().len(), 1);
    here.sign_out_everywhere().await.unwrap();
    assert_eq!(code(here.me().await), Code::TokenMissing);
}

#[tokio::test]
async fn a_password_is_changed_and_a_wrong_one_reported() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let change = |current: Password| PasswordChange {
        current,
        new: Password::new("ada knows more engines"),
    };
    assert_eq!(
        code(
            client
                .change_password(&change(Password::new("not hers")))
                .await
        ),
        Code::ValidationFailed
    );
    client
        .change_password(&change(password_of("ada")))
        .await
        .unwrap();
    assert_eq!(
        code(sign_in(&client, "ada").await),
        Code::CredentialsInvalid
    );
}

#[tokio::test]
async fn an_admin_manages_accounts_and_reads_what_was() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let zoe = NewUser {
        username: name("zoe"),
        password: Password::new("zoe zooms out a lot"),
        role: Role::Viewer,
    };
    assert_eq!(client.add_user(&zoe).await.unwrap().role, Role::Viewer);
    assert_eq!(code(client.add_user(&zoe).await), Code::UsernameTaken);
    let changes = UserChanges {
        role: Some(Role::Editor),
        ..UserChanges::default()
    };
    assert_eq!(
        client
            .change_user(&name("zoe"), &changes)
            .await
            .unwrap()
            .role,
        Role::Editor
    );
    client.end_sessions_of(&name("zoe")).await.unwrap();
    client.remove_user(&name("zoe")).await.unwrap();
    assert_eq!(client.users().await.unwrap().len(), 3);
    assert_eq!(
        code(client.register(&name("zoe"), &zoe.password).await),
        Code::RegistrationClosed
    );
    let [last, _] = &client.audit(None, 2).await.unwrap()[..] else {
        panic!("there are more")
    };
    assert_eq!(
        (last.what, last.target.as_deref()),
        (AuditAction::UserDeleted, Some("zoe"))
    );

    let mut person = Changes::default();
    person.set(Field::Firstname, "Grace");
    person.set(Field::Lastname, "Hopper");
    let created = client.create(&person, "key").await.unwrap().employee;
    let history = client.history(created.id, None, 10).await.unwrap();
    assert_eq!(
        history.iter().map(|entry| entry.what).collect::<Vec<_>>(),
        [ChangeKind::Created]
    );
    assert_eq!(
        client
            .history(created.id, Some(created.version), 10)
            .await
            .unwrap(),
        []
    );
}
