//! A system that gives the server fewer open files than it wants connections.

use tokio::net::TcpStream;

use crate::program::Folder;

#[tokio::test]
async fn out_of_open_files_connections_without_a_session_give_way() {
    let folder = Folder::with_ada();
    let server = folder.start();
    let (access, _) = server.sign_in().await;
    server.limit_open_files(100);
    let address = server.url.trim_start_matches("http://");
    let mut strangers = Vec::new();
    for _ in 0..300 {
        strangers.push(TcpStream::connect(address).await.unwrap());
    }
    let newcomer = reqwest::Client::builder().no_proxy().build().unwrap();
    let me = newcomer.get(format!("{}/me", server.url));
    assert_eq!(me.bearer_auth(&access).send().await.unwrap().status(), 200);
}
