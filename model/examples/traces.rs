//! Writes the shipped traces and their JSON Schema: `cargo run -p zdu-model --example traces -- traces`.

use std::path::PathBuf;
use std::{env, fs, io};

use zdu_model::scenario;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "traces".to_owned()));
    fs::create_dir_all(&folder)?;
    let files = scenario::files();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        if json
            && !files
                .iter()
                .any(|(name, _)| path.file_name().is_some_and(|file| file == name.as_str()))
        {
            fs::remove_file(path)?;
        }
    }
    for (name, text) in &files {
        fs::write(folder.join(name), text)?;
    }
    eprintln!("{} files in {}", files.len(), folder.display());
    Ok(())
}
