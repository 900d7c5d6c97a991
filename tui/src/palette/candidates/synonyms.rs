//! Other words for actions, by which the palette finds them too.

use crate::keys::Action;

/// The words that people look for and that neither name nor describe the action.
pub(super) fn synonyms(action: Action) -> &'static str {
    match action {
        Action::Quit => "exit leave close program",
        Action::SignOut => "log out logout sign off",
        Action::Server => "connect change switch host",
        Action::Search => "find search query",
        Action::ClearSearch => "reset everybody",
        Action::Open => "show view details",
        Action::New => "create insert hire employee",
        Action::Edit => "change modify update rename",
        Action::Delete => "remove erase bulk",
        Action::Set => "bulk change all many",
        Action::EditField => "vim external notes",
        Action::OpenEditor => "bulk export spreadsheet vim",
        Action::CopyCell => "clipboard yank email",
        Action::Export => {
            "save download file csv excel spreadsheet xlsx json ndjson vcard clipboard"
        }
        Action::Import => "load upload csv excel spreadsheet xlsx json ldif vcard sync bulk add",
        Action::CopyRecord => "clipboard yank export",
        Action::Mark => "select check",
        Action::MarkRange => "select",
        Action::MarkAll => "select all bulk",
        Action::ClearMarks => "unmark unselect deselect none",
        Action::History => "versions audit log who changed",
        Action::Undo => "revert take back",
        Action::Redo => "again repeat",
        Action::Refresh => "update",
        Action::Pause => "live stop freeze",
        Action::EditCell => "change value inline",
        Action::EditStatus => "on leave vacation left active absence",
        Action::Narrow => "filter same only",
        Action::Exclude => "filter not without",
        Action::Manager => "manager boss supervisor",
        Action::Reports => "report reports team subordinates",
        Action::Back => "previous return",
        Action::CopyEmail => "clipboard mail e-mail email address",
        Action::Sort => "order",
        Action::NamedFilters => "views searches saved",
        Action::Columns => "fields show hide",
        Action::Theme => "dark light colors colours contrast",
        Action::MySessions => "account profile devices change password",
        Action::Users => "accounts roles permissions admin",
        Action::Help => "help shortcuts keyboard bindings manual",
        Action::Suspend => "background stop shell",
        Action::Interrupt => "exit abort kill",
        _ => "",
    }
}
