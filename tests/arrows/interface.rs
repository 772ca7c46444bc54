//! The interface's rooms below `ui/src`: bridge, parts, features, shell; who may import from whom.

use std::collections::BTreeMap;
use std::fs;

use super::root;

/// An import in the interface: the importing file and the imported one, both from `ui/src`, or a package's name.
struct Import {
    file: String,
    target: String,
    types_only: bool,
}

/// What is wrong with an import, if anything.
fn import_fault(import: &Import) -> Option<String> {
    let Import { file, target, types_only } = import;
    let from = room(file);
    let to = room(target);
    let fault = match (from.0, to.0) {
        ("bridge", "features" | "parts" | "shell") => "the bridge knows nobody above it",
        (from, "@tauri-apps") if from != "bridge" => "only the bridge speaks to the desktop",
        ("features", "features") if from.1 != to.1 => "features never import one another",
        ("parts", "features") => "a part knows nobody who uses it",
        ("parts", "bridge") if !types_only => "a part calls no command; types of the bridge come by `import type`",
        _ => return None,
    };
    Some(format!("ui/src/{file} must not import {target}: {fault}"))
}

/// The first two segments of a path.
fn room(path: &str) -> (&str, &str) {
    let mut segments = path.split('/');
    (segments.next().unwrap_or_default(), segments.next().unwrap_or_default())
}

/// The imports of a source: `import … from 'x'`, `import 'x'`, `import('x')`, `export … from 'x'`, mocks of a module.
fn imports(file: &str, source: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for marker in [" from ", "import ", "import(", "vi.mock(", "vi.importActual("] {
        for (at, _) in source.match_indices(marker) {
            let rest = source[at + marker.len()..].trim_start();
            let Some(quote) = rest.chars().next().filter(|first| ['\'', '"', '`'].contains(first)) else { continue };
            let Some(specifier) = rest[1..].split(quote).next() else { continue };
            let statement =
                source[..at].rfind("import ").max(source[..at].rfind("export ")).map_or("", |start| &source[start..at]);
            let types_only =
                marker == " from " && (statement.starts_with("import type ") || statement.starts_with("export type "));
            found.push(Import { file: file.to_owned(), target: resolve(file, specifier), types_only });
        }
    }
    found
}

/// A specifier as a path from `ui/src`, where it is one.
fn resolve(file: &str, specifier: &str) -> String {
    if let Some(path) = specifier.strip_prefix("@/") {
        return path.to_owned();
    }
    if !specifier.starts_with('.') {
        return specifier.to_owned();
    }
    let mut segments: Vec<&str> = file.split('/').collect();
    segments.pop();
    for segment in specifier.split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments.join("/")
}

/// Every source below `ui/src`, by its path from there.
fn sources() -> BTreeMap<String, String> {
    let top = root().join("ui/src");
    let mut sources = BTreeMap::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if ["ts", "vue", "js", "mts", "tsx"].contains(&extension) {
                let name = path.strip_prefix(&top).unwrap().to_string_lossy().replace('\\', "/");
                sources.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    sources
}

#[test]
fn the_interface_keeps_its_rooms() {
    let sources = sources();
    assert!(sources.keys().any(|file| file.starts_with("bridge/")), "ui/src/bridge was not found");
    let all = sources.iter().flat_map(|(file, source)| imports(file, source));
    let faults: Vec<String> = all.filter_map(|import| import_fault(&import)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_bad_import_is_seen() {
    let faults = |file: &str, source: &str| imports(file, source).iter().filter_map(import_fault).count();
    let bad = [
        ("features/intake/Page.vue", "import { invoke } from '@tauri-apps/api/core'"),
        ("features/intake/Page.vue", "const api = await import(\"@tauri-apps/api/core\")"),
        ("features/intake/parts/Row.vue", "import Row from '../../archive/Row.vue'"),
        ("features/intake/store.ts", "import {\n  one,\n  two,\n} from '@/features/board/store'"),
        ("parts/Marks.vue", "import { findForms } from '@/bridge/generated/commands'"),
        ("parts/Marks.vue", "export * from '../features/intake/store'"),
        ("parts/Marks.vue", "import { a } from '@/bridge/generated/types'\nimport type { B } from './b'"),
        ("bridge/call.ts", "import '@/shell/session'"),
    ];
    for (file, source) in bad {
        assert_eq!(faults(file, source), 1, "{file}: {source}");
    }
    let good = [
        ("bridge/call.ts", "import { invoke } from '@tauri-apps/api/core'"),
        ("features/intake/Page.vue", "import { registerForm } from '@/bridge/generated/commands'"),
        ("features/intake/parts/Row.vue", "import { store } from '../store'"),
        ("parts/Marks.vue", "import type {\n  Mark,\n} from '@/bridge/generated/types'\nimport { ref } from 'vue'"),
    ];
    for (file, source) in good {
        assert_eq!(faults(file, source), 0, "{file}: {source}");
    }
}
