//! Reads tables and variables key by key, and records every mistake that it finds.
//!
//! A derived serde deserializer would stop at the first mistake.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::environment::{Variables, variable_name};
use super::kind::{Given, Kind, describe, file, files, named_file};
use super::reading::Reading;
use super::unknown::Unknown;
use super::{Mistake, NamedFiles};

/// The error if there is no valid value. The mistake has already been recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported;

/// Reads one table key by key. The keys that remain at the end are unknown.
pub(super) struct Reader<'a> {
    reading: &'a mut Reading,
    key: String,
    pattern: String,
    table: Table,
    variables: Variables,
}

impl<'a> Reader<'a> {
    /// Creates a reader for the top-level table.
    pub(super) fn new(reading: &'a mut Reading, table: Table, variables: Variables) -> Self {
        let (key, pattern) = (String::new(), String::new());
        Self {
            reading,
            key,
            pattern,
            table,
            variables,
        }
    }

    /// The folder to which paths are relative.
    pub(super) fn folder(&self) -> &Path {
        &self.reading.folder
    }

    /// The lists in which to record the files that the configuration refers to.
    pub(super) fn files(&mut self) -> &mut NamedFiles {
        &mut self.reading.files
    }

    /// The full key of this table, such as `idp[0]`.
    pub(super) fn table_key(&self) -> String {
        self.key.clone()
    }

    /// The full key of `key` in this table, such as `idp[0].id`.
    pub(super) fn whole_key(&self, key: &str) -> String {
        join(&self.key, key)
    }

    /// Reads the value of `key`. A missing value is a mistake.
    pub(super) fn required<T>(&mut self, key: &str, kind: &Kind<T>) -> Result<T, Reported> {
        match self.optional(key, kind)? {
            Some(value) => Ok(value),
            None => Err(self.mistake(key, "missing", &kind.allowed)),
        }
    }

    /// Whether `key` is set, in the file or by a variable.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.table.contains_key(key) || self.variables.has(key)
    }

    /// Reads all entries of a table with arbitrary keys. The entries come only from the file,
    /// because the names of variables contain no lower-case letters.
    pub(super) fn entries<T>(&mut self, kind: &Kind<T>) -> Result<Vec<(String, T)>, Reported> {
        let table = std::mem::take(&mut self.table);
        let entries = table.into_iter().map(|(key, value)| {
            let value = kind.read(&Given::File(value));
            match value {
                Ok(value) => Ok((key, value)),
                Err(problem) => Err(self.mistake(&key, problem, &kind.allowed)),
            }
        });
        entries.collect::<Vec<_>>().into_iter().collect()
    }

    /// Reads the value of `key`. Returns `None` if the key is not set.
    pub(super) fn optional<T>(&mut self, key: &str, kind: &Kind<T>) -> Result<Option<T>, Reported> {
        let Some(given) = self.take(key) else {
            return Ok(None);
        };
        match kind.read(&given) {
            Ok(value) => Ok(Some(value)),
            Err(problem) => Err(self.mistake(key, problem, &kind.allowed)),
        }
    }

    /// Reads the path of a file that contains a secret. Returns `None` if the key is not set.
    pub(super) fn secret_file(&mut self, key: &str) -> Result<Option<PathBuf>, Reported> {
        let path = self.optional(key, &file(self.folder()))?;
        let named = path.iter().map(|path| (self.whole_key(key), path.clone()));
        let named: Vec<_> = named.collect();
        self.files().secrets.extend(named);
        Ok(path)
    }

    /// Reads the paths of files that contain secrets. Returns `None` if the key is not set.
    pub(super) fn secret_files(&mut self, key: &str) -> Result<Option<Vec<PathBuf>>, Reported> {
        let variable = self
            .variables
            .has(key)
            .then(|| variable_name(&self.whole_key(key)));
        let from = variable.map_or_else(String::new, |variable| format!(" (from {variable})"));
        let Some(texts) = self.optional(key, &files())? else {
            return Ok(None);
        };
        let paths = texts.iter().enumerate().map(|(index, text)| {
            let key = format!("{key}[{index}]");
            let path = named_file(self.folder(), text).map_err(|problem| {
                let allowed = "the path of a file, relative to the configuration file's folder";
                self.mistake(&key, format!("{problem}{from}"), allowed)
            })?;
            let key = self.whole_key(&key);
            self.files().secrets.push((key, path.clone()));
            Ok(path)
        });
        let paths: Vec<_> = paths.collect();
        paths.into_iter().collect::<Result<_, _>>().map(Some)
    }

    /// Reads a required value that no other table in the same list may have.
    pub(super) fn unique(&mut self, key: &str, kind: &Kind<String>) -> Result<String, Reported> {
        let value = self.required(key, kind)?;
        match self.taken_by(key, &value) {
            None => Ok(value),
            Some(first) => {
                let problem = format!("{value:?} is already used by {first}");
                Err(self.mistake(key, problem, &kind.allowed))
            }
        }
    }

    /// Reads a flag that may be true in at most one table of a list.
    pub(super) fn for_one(&mut self, key: &str, kind: &Kind<bool>) -> Result<bool, Reported> {
        let is_set = self.optional(key, kind)?.unwrap_or_default();
        match is_set.then(|| self.taken_by(key, "true")).flatten() {
            None => Ok(is_set),
            Some(first) => {
                let allowed = "true in only one table of the list";
                Err(self.mistake(key, format!("{first} is true as well"), allowed))
            }
        }
    }

    /// Returns the full key under which an earlier table in the list has this value. If there is
    /// none, records the value for this table.
    fn taken_by(&mut self, key: &str, value: &str) -> Option<String> {
        let here = self.whole_key(key);
        let place = (join(&self.pattern, key), value.to_owned());
        let first = self.reading.taken.entry(place);
        let first = first.or_insert_with(|| here.clone()).clone();
        (first != here).then_some(first)
    }

    /// Reads a table. A missing table is read as an empty one.
    pub(super) fn section<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Reported>,
    ) -> Result<T, Reported> {
        self.know(key);
        let table = match self.table.remove(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                let table = join(&self.pattern, key).replace("[]", "");
                let allowed = format!("a table: [{table}] or {key} = {{ … }}");
                return Err(self.mistake(key, describe(&other), allowed));
            }
        };
        let variables = self.variables.take_table(key);
        self.below(
            join(&self.key, key),
            join(&self.pattern, key),
            table,
            variables,
            read,
        )
    }

    /// Reads a list of tables. A missing list is read as an empty one.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        read: impl Fn(&mut Reader<'_>) -> Result<T, Reported>,
    ) -> Result<Vec<T>, Reported> {
        self.know(key);
        let tables = self.take_tables(key)?;
        let tables = self.add_variables(key, tables);
        let pattern = format!("{}[]", join(&self.pattern, key));
        let mut values = Vec::new();
        for (index, (table, variables)) in tables.into_iter().enumerate() {
            let element = join(&self.key, &format!("{key}[{index}]"));
            values.push(self.below(element, pattern.clone(), table, variables, &read));
        }
        values.into_iter().collect()
    }

    /// Records a mistake under `key` of this table.
    pub(super) fn mistake(
        &mut self,
        key: &str,
        problem: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Reported {
        self.reading.mistakes.push(Mistake {
            key: self.whole_key(key),
            problem: problem.into(),
            allowed: allowed.into(),
        });
        Reported
    }

    fn take(&mut self, key: &str) -> Option<Given> {
        self.know(key);
        let file = self.table.remove(key).map(Given::File);
        let environment = self.variables.take(key).map(Given::Environment);
        environment.or(file)
    }

    fn take_tables(&mut self, key: &str) -> Result<Vec<Table>, Reported> {
        let table = join(&self.pattern, key).replace("[]", "");
        let allowed = format!("a list of tables: [[{table}]] for each, or {key} = [{{ … }}]");
        let values = match self.table.remove(key) {
            None => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(other) => return Err(self.mistake(key, describe(&other), allowed)),
        };
        let mut tables = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            tables.push(match value {
                Value::Table(table) => Ok(table),
                other => {
                    let element = format!("{key}[{index}]");
                    Err(self.mistake(&element, describe(&other), allowed.clone()))
                }
            });
        }
        tables.into_iter().collect()
    }

    /// Pairs each table with its variables. A variable may also start a new table at the end of the
    /// list.
    fn add_variables(&mut self, key: &str, tables: Vec<Table>) -> Vec<(Table, Variables)> {
        let mut tables: Vec<_> = tables
            .into_iter()
            .map(|table| (table, Variables::default()))
            .collect();
        let mut variables = self.variables.take_table(key);
        while let Some((index, below)) = variables.take_first_index() {
            if index == tables.len() {
                tables.push((Table::new(), Variables::default()));
            }
            if let Some((_, place)) = tables.get_mut(index) {
                *place = below;
            } else {
                let problem = format!("there is no {key}[{}]", tables.len());
                self.mistake(&format!("{key}[{index}]"), problem, "indices without gaps");
            }
        }
        self.reading
            .unknown
            .extend(variables.into_rest().map(Unknown::Variable));
        tables
    }

    fn below<T>(
        &mut self,
        key: String,
        pattern: String,
        table: Table,
        variables: Variables,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Reported>,
    ) -> Result<T, Reported> {
        let mut reader = Reader {
            reading: self.reading,
            key,
            pattern,
            table,
            variables,
        };
        let value = read(&mut reader);
        reader.note_unknown();
        value
    }

    fn know(&mut self, key: &str) {
        self.reading.known.insert(join(&self.pattern, key));
    }

    /// Records the keys and variables that have not been read. They are unknown.
    pub(super) fn note_unknown(self) {
        let Self {
            reading,
            key,
            pattern,
            table,
            variables,
        } = self;
        reading
            .unknown
            .extend(table.keys().map(|name| Unknown::Key {
                key: join(&key, name),
                pattern: join(&pattern, name),
            }));
        reading
            .unknown
            .extend(variables.into_rest().map(Unknown::Variable));
    }
}

fn join(table: &str, key: &str) -> String {
    if table.is_empty() {
        key.to_owned()
    } else {
        format!("{table}.{key}")
    }
}
