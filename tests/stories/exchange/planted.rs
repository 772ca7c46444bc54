//! Names and numbers planted by the thousand: nothing of them lies in a dump, a log or a file of a device.

use std::collections::HashSet;
use std::path::Path;

use kefu_app::wire::UnlockRequest;
use serde_json::json;

use crate::stage::{PASSPHRASE, World};

/// What no customer is called otherwise: three characters, all different pairs.
fn name(nth: usize) -> String {
    const FIRST: &str = "慕欧司皇令呼拓端公申宇赫澹东夏钟濮尉鲜闾";
    const SECOND: &str =
        "阿霁澄皓熠霂昀珩琮璟煊烨铄钺旻昱晔暄曦朗岚峤崧巍嵘沅沐泓洵浠涵淙淼渊湛滢潇澈瀚炘焱煜熙燊璇瑾璞瑛琬珞";
    let of = |text: &str, at: usize| text.chars().nth(at % text.chars().count()).unwrap();
    format!("{}{}霏", of(FIRST, nth), of(SECOND, nth / FIRST.chars().count()))
}

/// All of one length in bytes, and looked for at once.
struct Needles {
    length: usize,
    all: HashSet<Vec<u8>>,
    /// First two bytes that some needle has: most places are passed by with these.
    begins: Vec<bool>,
}

impl Needles {
    fn of(all: impl Iterator<Item = String>) -> Self {
        let all: HashSet<Vec<u8>> = all.map(String::into_bytes).collect();
        let length = all.iter().next().unwrap().len();
        assert!(all.iter().all(|one| one.len() == length));
        let mut begins = vec![false; 1 << 16];
        all.iter().for_each(|one| begins[usize::from(one[0]) << 8 | usize::from(one[1])] = true);
        Needles { length, all, begins }
    }

    /// Those found in `bytes`.
    fn within(&self, bytes: &[u8]) -> HashSet<Vec<u8>> {
        let windows = bytes.windows(self.length);
        let likely = windows.filter(|one| self.begins[usize::from(one[0]) << 8 | usize::from(one[1])]);
        likely.filter(|one| self.all.contains(*one)).map(<[u8]>::to_vec).collect()
    }
}

/// All files below a folder.
fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), into);
        } else {
            into.extend(std::fs::read(entry.path()).ok().map(|bytes| (entry.path().display().to_string(), bytes)));
        }
    }
}

#[tokio::test]
async fn no_planted_name_is_found_anywhere_outside() {
    let soak = std::env::var_os("KEFU_SOAK").is_some();
    let count = 1_000;
    // Many on one form, so that it takes no longer; the soak has a form for each.
    let on_one = if soak { 1 } else { 25 };
    let mut world = World::new().await;
    let (one, two) = (world.desk("A1").await, world.desk("B1").await);
    let names: Vec<String> = (0..count).map(name).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), count);
    let phones: Vec<String> = (0..count).map(|nth| format!("139{:08}", 12_345_678 + nth * 65_537)).collect();
    for (nth, (names, phones)) in names.chunks(on_one).zip(phones.chunks(on_one)).enumerate() {
        let said = names.iter().zip(phones).map(|(name, phone)| format!("{name}说半夜里火焰呈蓝绿色，回电{phone}。"));
        let text = json!({"text": said.collect::<String>(), "marks": []});
        let (name, phone) = (&names[0], &phones[0]);
        let form = one.register(json!({"customer.name": name, "customer.phone": phone, "description": text})).await;
        if nth % 20 == 0 {
            one.sync().await;
            two.sync().await;
            assert_eq!(two.text(form, "customer.name").await, Some(json!(name)));
        }
    }
    one.sync().await;
    two.sync().await;

    let hex = |text: &String| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let needles = [
        Needles::of(names.iter().cloned()),
        Needles::of(phones.iter().cloned()),
        Needles::of(names.iter().map(hex)),
        Needles::of(phones.iter().map(hex)),
    ];
    // Control: in what the key opens, all of them are found.
    let opened = two.store().await.dump().await.unwrap();
    assert!(needles[..2].iter().all(|some| some.within(&opened).len() == count), "this search does not bite");

    let mut outside = vec![("dump".to_owned(), world.server.dump("kefu").into_bytes())];
    outside.push(("log of the server".into(), world.server.log().into_bytes()));
    if soak {
        files(Path::new(world.server.socket()), &mut outside); // its tables and write-ahead log
    }
    for machine in [&one, &two] {
        files(machine.folder.path(), &mut outside);
    }
    let bytes: usize = outside.iter().map(|(_, bytes)| bytes.len()).sum();
    for (place, bytes) in &outside {
        assert!(needles.iter().all(|some| some.within(bytes).is_empty()), "planted words in {place}");
    }
    println!("figure: {count} planted names and {count} numbers in {} MB of dump, logs and files: 0 hits", bytes >> 20);
    two.desk.lock().await;
    two.desk.unlock(UnlockRequest::Passphrase(PASSPHRASE.into())).await.unwrap();
    two.sync().await;
}
