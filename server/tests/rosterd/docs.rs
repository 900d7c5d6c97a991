//! The documentation says what the program does: names, options, routes and commands are compared
//! with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use roster_common::{Code, Field};
use roster_server::testing::docs::{check_generated, commands, read_page, repository, table};
use serde_json::Value;

use crate::observability::{page, watched};
use crate::program::{Folder, PASSWORD, run};

/// All files below a folder whose names end in `extension`. Build output and hidden folders are
/// left out.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let page = read_page("SECURITY.md");
    let is_name = |word: &&str| {
        word.contains('_')
            && word
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    let named: Vec<_> = page.split('`').filter(is_name).collect();
    let code: String = ["server", "common", "tui"]
        .iter()
        .flat_map(|folder| files(&repository().join(folder), "rs"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let missing: Vec<_> = named
        .iter()
        .filter(|name| {
            !["(", "<"]
                .iter()
                .any(|next| code.contains(&format!("fn {name}{next}")))
        })
        .collect();
    assert!(named.len() > 50 && missing.is_empty(), "{missing:?}");
}

/// The anchors of a page's headings, as forges make them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page
        .lines()
        .filter_map(|line| Some(line.strip_prefix('#')?.trim_start_matches('#').trim()));
    let anchor = |heading: &str| {
        let kept = heading
            .to_lowercase()
            .replace(|c: char| !c.is_alphanumeric() && c != ' ' && c != '-', "");
        kept.replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let pages = files(&repository(), "md");
    assert!(pages.len() > 12, "{pages:?}");
    let mut broken = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target);
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let linked = if file.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(file)
            };
            let leads = linked.exists()
                && (anchor.is_empty()
                    || anchors(&fs::read_to_string(&linked).unwrap()).contains(anchor));
            if !leads {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let is_path = |word: &&str| {
        let (folder, rest) = word.split_once('/').unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
        ["common", "server", "tui", "scripts"].contains(&folder) && rest.chars().all(is_plain)
    };
    let mut missing = Vec::new();
    for page in files(&repository(), "md") {
        let text = fs::read_to_string(&page).unwrap();
        for path in text.split('`').filter(is_path) {
            if !repository().join(path).exists() {
                missing.push(format!("{}: {path}", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The short help of a command, as in a terminal of 90 columns.
fn help(words: &[&str]) -> String {
    let folder = Folder::new();
    let mut command = folder.rosterd(words);
    command
        .arg("-h")
        .env_remove("ROSTER_BCRYPT_COST")
        .env("COLUMNS", "90");
    run(command, "").stdout
}

/// The help of `rosterd` with `words`, or of all the commands below, under a heading each.
fn help_below(words: &[&str]) -> String {
    let help = help(words);
    let Some((_, list)) = help.split_once("\nCommands:\n") else {
        let name = words.join(" ");
        return format!(
            "## `rosterd {name}`\n\n```text\n{}\n```\n\n",
            help.trim_end()
        );
    };
    list.lines()
        .map_while(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(|name| help_below(&[words, &[name]].concat()))
        .collect()
}

#[test]
fn the_commands_page_has_the_help_of_every_command() {
    check_generated("server/docs/commands.md", &[("commands", help_below(&[]))]);
}

/// The text between `[name` and `]`, as help shows defaults and variables.
fn note<'a>(option: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = option.split_once(&format!("[{name}"))?;
    Some(rest.split_once(']')?.0.trim().trim_end_matches('='))
}

#[test]
fn the_configuration_page_has_every_variable_with_its_option_and_default() {
    let page = read_page("server/docs/configuration.md");
    // Wrapped lines are joined, so that a note is found where it is broken.
    let help = help(&["serve"])
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let mut variables = 0;
    for option in help.split(" --").skip(1) {
        let Some(variable) = note(option, "env:") else {
            continue;
        };
        let flag = option.split_whitespace().next().unwrap();
        let default = note(option, "default:").map_or(" ".into(), |value| format!(" `{value}` "));
        let row = format!("\n| `{variable}` | `--{flag}` |{default}|");
        assert!(page.contains(&row), "the page has no row {row}");
        variables += 1;
    }
    let own = page.matches("\n| `ROSTER_").count();
    assert_eq!(own, variables, "the page has a variable of no option");
}

/// The API in its machine-readable form.
fn openapi() -> Value {
    let document = run(Folder::new().rosterd(&["openapi"]), "").stdout;
    serde_json::from_str(&document).unwrap()
}

/// A row of the table of routes.
fn route_row(path: &str, method: &str, operation: &Value) -> [String; 4] {
    let security = &operation["security"][0];
    let needs = match security {
        Value::Null => "",
        needs if needs.get("bearer").is_some() => "token",
        needs if needs.get("basic").is_some() => "password",
        _ => "cookie",
    };
    let statuses = operation["responses"].as_object().unwrap().keys();
    let statuses: Vec<_> = statuses
        .filter(|status| status.starts_with(['2', '3']))
        .map(String::as_str)
        .collect();
    [
        format!("`{} {path}`", method.to_uppercase()),
        needs.to_owned(),
        statuses.join(", "),
        operation["summary"].as_str().unwrap().to_owned(),
    ]
}

#[test]
fn the_api_page_has_every_route_field_and_problem() {
    let openapi = openapi();
    let routes = openapi["paths"].as_object().unwrap();
    let routes = routes.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| route_row(path, method, operation))
    });
    let fields = Field::ALL.map(|field| {
        [
            format!("`{}`", field.name()),
            field.max_chars().to_string(),
            field.hint().to_owned(),
        ]
    });
    let problems = Code::ALL.iter().map(|code| {
        let action = serde_json::to_value(code.action()).unwrap();
        [
            code.status().to_string(),
            format!("`{}`", code.as_str()),
            format!("`{}`", action.as_str().unwrap()),
            code.title().to_owned(),
        ]
    });
    check_generated(
        "server/docs/api.md",
        &[
            (
                "routes",
                table(["route", "needs", "success", "what it does"], routes),
            ),
            (
                "fields",
                table(["field", "characters at most", "form"], fields),
            ),
            (
                "problems",
                table(["status", "code", "action", "meaning"], problems),
            ),
        ],
    );
}

#[tokio::test]
async fn the_operation_page_has_every_metric() {
    let (_server, url) = watched(&Folder::with_ada());
    let metrics = page(&url).await;
    let rows = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '))
        .map(|(name, help)| [format!("`{name}`"), help.to_owned()]);
    check_generated(
        "server/docs/operation.md",
        &[("metrics", table(["metric", "meaning"], rows))],
    );
}

/// Runs the commands of a page in a folder, with `input` on standard input, and expects each of
/// them to succeed.
fn run_commands(page: &str, folder: &Folder, commands: &str, input: &str) {
    let program = Path::new(env!("CARGO_BIN_EXE_rosterd"));
    let path = [
        program.parent().unwrap().as_os_str(),
        &std::env::var_os("PATH").unwrap(),
    ]
    .join(std::ffi::OsStr::new(":"));
    let mut bash = Command::new("bash");
    bash.args(["-euc", commands])
        .env("PATH", path)
        .env("ROSTER_BCRYPT_COST", "4")
        .env("NO_PROXY", "*")
        .current_dir(folder.path());
    bash.stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = run(bash, input);
    assert!(run.status.success(), "{page}: {run:?}");
}

#[test]
fn the_commands_of_the_operation_page_work() {
    let (page, folder) = ("server/docs/operation.md", Folder::new());
    run_commands(page, &folder, &commands(page), &format!("{PASSWORD}\n"));
    assert!(folder.database().exists());
}

#[tokio::test]
async fn the_commands_of_the_api_page_work() {
    let (page, folder) = ("server/docs/api.md", Folder::with_ada());
    let server = folder.start();
    let commands = commands(page).replace("http://127.0.0.1:7678", &server.url);
    run_commands(page, &folder, &commands, &format!("{PASSWORD}\n"));
}
