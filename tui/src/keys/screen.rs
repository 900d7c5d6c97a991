//! The screens, by their names: what a key does depends on which of them has the keyboard.

use roster_common::listed;

listed! {
    /// What has the keyboard: the uppermost of what lies over the table.
    ///
    /// They are in the order of the help.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Screen {
        /// The table.
        Table,
        /// The table with one person's record open.
        Detail,
        /// The filter, while it is written.
        Search,
        /// A new or changed record.
        Form,
        /// A question.
        Confirm,
        /// A conflict.
        Conflict,
        /// Changes of many records.
        Batch,
        /// What became of a record.
        History,
        /// The sign-in form.
        SignIn,
        /// The person's own sessions.
        MySessions,
        /// Another password for the person.
        ChangePassword,
        /// The accounts.
        Users,
        /// A new or changed account.
        UserForm,
        /// A password that was made up for somebody.
        GeneratedPassword,
        /// The column settings.
        Columns,
        /// The actions by their words.
        Palette,
        /// The keys.
        Help,
    }
}

impl Screen {
    /// The name in a configuration, which does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Detail => "record",
            Self::Search => "search",
            Self::Form => "form",
            Self::Confirm => "question",
            Self::Conflict => "conflict",
            Self::Batch => "many-records",
            Self::History => "history",
            Self::SignIn => "sign-in",
            Self::MySessions => "my-sessions",
            Self::ChangePassword => "my-password",
            Self::Users => "users",
            Self::UserForm => "user",
            Self::GeneratedPassword => "new-password",
            Self::Columns => "columns",
            Self::Palette => "actions",
            Self::Help => "help",
        }
    }

    /// The title for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Table => "Table",
            Self::Detail => "Record",
            Self::Search => "Search",
            Self::Form => "Form",
            Self::Confirm => "Question",
            Self::Conflict => "Conflict",
            Self::Batch => "Many records",
            Self::History => "History",
            Self::SignIn => "Sign-in",
            Self::MySessions => "My sessions",
            Self::ChangePassword => "My password",
            Self::Users => "Users",
            Self::UserForm => "User",
            Self::GeneratedPassword => "A new password",
            Self::Columns => "Columns",
            Self::Palette => "Actions",
            Self::Help => "Keys",
        }
    }
}
