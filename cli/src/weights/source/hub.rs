//! A repository of the Hugging Face hub, or of a server that answers as it does.
//!
//! The hub says of large files beforehand which digest they have; small ones are fetched to find it out.

use futures_util::{StreamExt, TryStreamExt};
use reqwest::header::LINK;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::filter::Filter;
use super::super::inventory::{self, is_safe};
use super::super::store::Store;
use super::super::{Error, Result};
use super::fetch::{Wanted, Web, shown};
use super::{Address, Had};

/// Where the hub is.
const HUB: &str = "https://huggingface.co";
/// The revision that is meant where none is named.
const MAIN: &str = "main";
/// Files under way at once.
const AT_ONCE: usize = 4;
/// Pages of a listing that are believed.
const PAGES: usize = 10_000;
/// Bytes of a page.
const PAGE: usize = 64 << 20;

/// The hub, as the environment has it.
#[derive(Debug, Clone)]
pub(in super::super) struct Hub {
    base: Url,
    said: Option<String>,
}

/// A file, as the hub lists it.
#[derive(Debug, Deserialize)]
struct Item {
    r#type: String,
    path: String,
    #[serde(default)]
    size: u64,
    lfs: Option<Large>,
}

impl Item {
    /// Bytes of the file itself, not of what stands for a large one in the repository.
    fn size(&self) -> u64 {
        self.lfs.as_ref().map_or(self.size, |large| large.size)
    }
}

#[derive(Debug, Deserialize)]
struct Large {
    oid: String,
    size: u64,
}

#[derive(Deserialize)]
struct Revision {
    sha: String,
}

/// `ORG/REPO[@REVISION]`.
pub(super) fn address(uri: &str, rest: &str) -> Result<(String, Address)> {
    let bad = |reason| Error::BadSource { uri: uri.to_owned(), reason };
    let (repository, revision) = match rest.split_once('@') {
        Some((repository, revision)) => (repository, Some(revision)),
        None => (rest, None),
    };
    let repository = repository.trim_end_matches('/');
    let is_name = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        is_safe(part) && part.bytes().all(plain)
    };
    if repository.split('/').count() != 2 || !repository.split('/').all(is_name) {
        return Err(bad("write `hf://ORG/REPOSITORY`, with `@REVISION` if need be"));
    }
    if revision.is_some_and(|revision| !is_safe(revision) || revision.contains(['?', '#', '@', ' '])) {
        return Err(bad("what follows the `@` is no revision"));
    }
    let revision = revision.filter(|revision| *revision != MAIN).map(str::to_owned);
    let form = match &revision {
        Some(revision) => format!("hf://{repository}@{revision}"),
        None => format!("hf://{repository}"),
    };
    Ok((form, Address::Hub { repository: repository.to_owned(), revision }))
}

impl Hub {
    /// The hub that `HF_ENDPOINT` names, else the public one, with the token of `HF_TOKEN` or of
    /// `HUGGING_FACE_HUB_TOKEN`.
    ///
    /// # Errors
    /// An endpoint that is none.
    pub(in super::super) fn by_environment() -> Result<Self> {
        let said = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let endpoint = said("HF_ENDPOINT");
        let token = said("HF_TOKEN").or_else(|| said("HUGGING_FACE_HUB_TOKEN"));
        Self::of(endpoint.as_deref().unwrap_or(HUB), token.as_deref())
    }

    fn of(endpoint: &str, token: Option<&str>) -> Result<Self> {
        let bad = |reason| Error::BadSource { uri: endpoint.to_owned(), reason };
        let base = Url::parse(endpoint.trim().trim_end_matches('/'))
            .map_err(|_| bad("`HF_ENDPOINT` has to be an address"))?;
        if base.cannot_be_a_base() || base.host_str().is_none() {
            return Err(bad("`HF_ENDPOINT` has to be an address"));
        }
        let local = base.host_str().is_some_and(crate::registry::is_local);
        if token.is_some() && base.scheme() != "https" && !local {
            return Err(bad(
                "your token would be sent there for others to read: `HF_ENDPOINT` has to be `https://`",
            ));
        }
        Ok(Self { base, said: token.map(|token| format!("Bearer {}", token.trim())) })
    }

    fn url(&self, parts: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    /// Brings the files that `filter` admits of a repository into `store`; with `dry` only those whose digests are not
    /// known otherwise are fetched, and none is kept. `known` are the files of an earlier import and its fingerprint.
    ///
    /// # Errors
    /// A hub that refuses or goes on failing, files that are not what it promised, a disk that is full.
    pub(in super::super) async fn files(
        &self,
        web: &Web,
        (repository, revision): (&str, Option<&str>),
        filter: &Filter,
        known: Option<(&str, Vec<inventory::File>)>,
        store: &Store,
        dry: bool,
    ) -> Result<Had> {
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        let api = ["api", "models", owner, name];
        let explain = |error| explained(error, repository, &self.base);
        let url = self.url(&[&api[..], &["revision", revision.unwrap_or(MAIN)]].concat());
        let (Revision { sha }, _) = self.json(web, &url).await.map_err(explain)?;
        let fingerprint = format!("commit:{sha}");
        let mut page = self.url(&[&api[..], &["tree", &sha]].concat());
        page.set_query(Some("recursive=true"));
        let mut items: Vec<Item> = Vec::new();
        for _ in 0..PAGES {
            let (more, next) = self.json::<Vec<Item>>(web, &page).await.map_err(explain)?;
            items.extend(more);
            let Some(next) = next else { break };
            page = next;
        }
        let known = known.filter(|(before, _)| *before == fingerprint).map(|(_, files)| files);
        let items = items.into_iter().filter(|item| item.r#type == "file" && filter.admits(&item.path));
        let work = items.map(|item| {
            let known = known.iter().flatten().find(|file| file.path == item.path).cloned();
            let parts: Vec<&str> =
                [owner, name, "resolve", &sha].into_iter().chain(item.path.split('/')).collect();
            let url = self.url(&parts);
            let (web, store, said) = (web.clone(), store.clone(), self.said.clone());
            async move {
                let bringing = bring(
                    web,
                    Wanted {
                        url,
                        name: item.path.clone(),
                        said,
                        etag: None,
                        size: Some(item.size()),
                        certain: item.lfs.is_some(),
                    },
                    item,
                    known,
                    store,
                    dry,
                );
                // Each on a processor of its own.
                tokio::spawn(bringing).await.map_err(|_| Error::Thread)?
            }
        });
        let work: Vec<_> = work.collect();
        let mut files: Vec<inventory::File> = futures_util::stream::iter(work)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
            .map_err(explain)?;
        files.sort_unstable();
        Ok(Had { fingerprint, files })
    }

    /// A document, and where the next page of it is.
    async fn json<T: DeserializeOwned>(&self, web: &Web, url: &Url) -> Result<(T, Option<Url>)> {
        let mut reply = web.ask(Method::GET, url, self.said.as_deref()).await?;
        let nonsense = |reason: &str| Error::Nonsense { address: shown(url), reason: reason.to_owned() };
        let next = reply.headers().get_all(LINK).iter().find_map(|value| next(value.to_str().ok()?));
        let next = next.map(|next| url.join(&next).map_err(|_| nonsense("its next page is at no address")));
        let next = next.transpose()?;
        if next.as_ref().is_some_and(|next| next.origin() != url.origin()) {
            return Err(nonsense("its next page is somebody else's"));
        }
        let mut text = Vec::new();
        while let Some(piece) = reply.chunk().await.map_err(|_| nonsense("it broke off"))? {
            text.extend_from_slice(&piece);
            if text.len() > PAGE {
                return Err(nonsense("its answer has no end"));
            }
        }
        let document = serde_json::from_slice(&text).map_err(|error| nonsense(&error.to_string()))?;
        Ok((document, next))
    }
}

async fn bring(
    web: Web,
    wanted: Wanted,
    item: Item,
    known: Option<inventory::File>,
    store: Store,
    dry: bool,
) -> Result<inventory::File> {
    let size = item.size();
    let promised = item.lfs.as_ref().map(|large| format!("sha256:{}", large.oid));
    if !is_safe(&item.path) || promised.as_ref().is_some_and(|digest| !crate::digest::is_digest(digest)) {
        let reason = format!("it lists a file `{}` that cannot be", item.path);
        return Err(Error::Nonsense { address: shown(&wanted.url), reason });
    }
    let promise = promised.clone().map(|digest| inventory::File { path: item.path.clone(), size, digest });
    let expected = promise.or(known);
    if let Some(file) = expected.filter(|file| file.size == size && (dry || store.has(file))) {
        return Ok(file);
    }
    let mut anew = false;
    loop {
        let mut partial = if dry { store.nothing()? } else { store.partial(promised.as_deref()).await? };
        if anew {
            partial.begin_anew()?;
        }
        let resumed = partial.size() > 0;
        web.bring(&wanted, &mut partial).await?;
        let came = (partial.size(), partial.digest());
        let right = came.0 == size && promised.as_ref().is_none_or(|promised| *promised == came.1);
        if right {
            let (size, digest) = partial.settle(&store)?;
            return Ok(inventory::File { path: item.path, size, digest });
        }
        partial.discard();
        // What was here may have been spoilt.
        if !resumed || anew {
            let reason =
                format!("`{}` came as {} bytes, {}, and not as it is listed", item.path, came.0, came.1);
            return Err(Error::Nonsense { address: shown(&wanted.url), reason });
        }
        anew = true;
    }
}

/// `<ADDRESS>; rel="next"` among links.
fn next(links: &str) -> Option<String> {
    links.split(',').find_map(|link| {
        let (address, about) = link.split_once(';')?;
        let is_next = about.split(';').any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then(|| address.trim().trim_start_matches('<').trim_end_matches('>').to_owned())
    })
}

/// A refusal in the hub's own meaning.
fn explained(error: Error, repository: &str, base: &Url) -> Error {
    match error {
        Error::Answered { status, .. } if matches!(status.as_u16(), 401 | 403 | 404) => Error::HubRefuses {
            repository: repository.to_owned(),
            page: format!("{}{repository}", base.as_str()),
            status,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn an_address_of_the_hub_has_one_form() {
        let form = |uri: &str| Address::of(uri, std::path::Path::new("/p")).map(|(form, _)| form);
        for (uri, expected) in [
            ("hf://org/repo", "hf://org/repo"),
            ("hf://org/repo@main", "hf://org/repo"),
            ("huggingface://org/repo/", "hf://org/repo"),
            ("hf://org/re-po.v2@refs/pr/1", "hf://org/re-po.v2@refs/pr/1"),
        ] {
            assert_eq!(form(uri).unwrap(), expected, "{uri}");
        }
        for uri in
            ["hf://repo", "hf://a/b/c", "hf://a/..", "hf://a/b@", "hf://a/b@x?y", "hf://a b/c", "hf://"]
        {
            assert!(matches!(form(uri), Err(Error::BadSource { .. })), "{uri}");
        }
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let links = "<https://h/first>; rel=\"prev\", <https://h/api?cursor=a%3D&x=1>; rel=\"next\"";
        assert_eq!(next(links).unwrap(), "https://h/api?cursor=a%3D&x=1");
        assert_eq!(next("<https://h/first>; rel=\"prev\""), None);
    }

    #[test]
    fn parts_of_an_address_stay_parts() {
        let hub = Hub::of("https://h.example.com/mirror/", None).unwrap();
        let url = hub.url(&["api", "models", "a", "b", "revision", "refs/pr/1"]);
        assert_eq!(url.as_str(), "https://h.example.com/mirror/api/models/a/b/revision/refs%2Fpr%2F1");
    }

    #[test]
    fn a_token_is_not_sent_where_others_can_read_it() {
        assert!(Hub::of("http://h.example.com", Some("secret")).is_err());
        assert!(Hub::of("http://127.0.0.1:1", Some("secret")).is_ok());
        assert!(Hub::of("http://h.example.com", None).is_ok());
        assert!(Hub::of("nowhere", None).is_err());
    }
}
