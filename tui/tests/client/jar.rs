//! The file that outlives the processes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use roster::remote::ClientError;

use crate::world::{World, sign_in};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn no_one_else_can_read_it() {
    let world = World::new().await;
    world.signed_in().await;

    let folder = world.folder();

    assert_eq!(mode(&folder), 0o700);
    for file in fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn it_is_replaced_and_never_rewritten_in_place() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let folder = world.folder();
    fs::hard_link(folder.join("jar.json"), folder.join("old")).unwrap();
    let before = world.jar().unwrap();

    client.renew().await.unwrap();

    assert_eq!(fs::read(folder.join("old")).unwrap(), before);
    assert_ne!(world.jar().unwrap(), before);
}

#[tokio::test]
async fn a_process_that_died_while_writing_harms_no_one() {
    let world = World::new().await;
    let client = world.signed_in().await;
    fs::write(world.folder().join("jar.json.new"), "{\"cookies\":[").unwrap();

    client.renew().await.unwrap();
    world.process().me().await.unwrap();
}

#[tokio::test]
async fn a_damaged_jar_is_reported_of_once_and_means_signed_out() {
    let world = World::new().await;
    world.signed_in().await;
    for damage in [
        "",
        "{",
        "[]",
        "\u{0}\u{0}",
        "{\"cookies\":7,\"access\":null}",
    ] {
        fs::write(world.folder().join("jar.json"), damage).unwrap();
        let client = world.process();

        let message = client.resume().await.unwrap_err();

        assert!(
            message.needs_sign_in() && message.to_string().contains("jar.damaged.json"),
            "{damage}: {message}"
        );
        assert_eq!(client.resume().await.unwrap(), None);
        assert_eq!(
            fs::read_to_string(world.folder().join("jar.damaged.json")).unwrap(),
            damage
        );
    }
}

#[tokio::test]
async fn a_damaged_jar_does_not_stand_in_the_way_of_a_sign_in() {
    let world = World::new().await;
    world.signed_in().await;
    fs::write(world.folder().join("jar.json"), "{").unwrap();
    let client = world.process();

    sign_in(&client, "ada").await.unwrap();

    client.me().await.unwrap();
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_is_not_used() {
    let world = World::new().await;
    let client = world.signed_in().await;
    // Nothing can be written where a folder has the name of the new file.
    fs::create_dir(world.folder().join("jar.json.new")).unwrap();

    assert!(matches!(client.renew().await, Err(ClientError::Jar { .. })));

    fs::remove_dir(world.folder().join("jar.json.new")).unwrap();
    client.renew().await.unwrap();
}

#[tokio::test]
async fn a_valid_token_needs_no_folder_that_can_be_written() {
    let world = World::new().await;
    world.signed_in().await;
    // Root may write anywhere, but not to a folder as if it were a file.
    let (folder, lock) = (world.folder(), world.folder().join("jar.lock"));
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();

    world.process().me().await.unwrap();
    world.let_the_token_expire();
    let refused = world.process().me().await;

    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(
        matches!(refused, Err(ClientError::Jar { .. })),
        "{refused:?}"
    );
    fs::remove_dir(&lock).unwrap();
    world.process().me().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_the_lock_is_reported_and_a_valid_token_does_not_wait() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let mut waits = client.waits_for_lock();
    let lock = fs::File::open(world.folder().join("jar.lock")).unwrap();
    lock.lock().unwrap();

    world.process().me().await.unwrap();
    assert!(!*waits.borrow_and_update());

    let renewal = tokio::spawn(async move { client.renew().await });
    waits.wait_for(|waits| *waits).await.unwrap();
    lock.unlock().unwrap();
    renewal.await.unwrap().unwrap();
    assert!(!*waits.borrow_and_update());
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_kept_leaves_the_session_before_it() {
    let world = World::new().await;
    let client = world.signed_in().await;
    let blocked = world.folder().join("jar.json.new");
    fs::create_dir(&blocked).unwrap();

    let refused = sign_in(&world.process(), "eve").await;

    assert!(
        matches!(refused, Err(ClientError::Jar { .. })),
        "{refused:?}"
    );
    fs::remove_dir(&blocked).unwrap();
    assert_eq!(client.renew().await.unwrap().user.username.as_str(), "ada");
    let another = world.process();
    assert_eq!(another.me().await.unwrap().user.username.as_str(), "ada");

    // Of the session that could not be kept nothing is left on the server, either.
    sign_in(&another, "eve").await.unwrap();
    assert_eq!(another.sessions().await.unwrap().len(), 1);
    assert!(
        client.me().await.is_err(),
        "ada's session has been replaced"
    );
}
