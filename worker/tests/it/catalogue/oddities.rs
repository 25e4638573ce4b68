//! Servers that write things differently, and names that are allowed (faults 17, 23, 29).

use weir_domain::task::TaskState;
use weir_testkit::{Artifactory, Recipe};

use super::scene::{Scene, by_query, few};

#[tokio::test]
async fn sizes_booleans_and_moments_are_read_in_every_form() {
    for arrange in [|_: &mut super::scene::Wanted| {}, by_query] {
        let server = Artifactory::start(few()).await;
        server.loosen_types();
        let scene = Scene::at(server, arrange).await;
        scene.assert_succeeds(0).await;
        scene.assert_current().await;
        scene.server.add(&Recipe::new("new/1.0"));
        let task = scene.follow().await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn odd_names_versions_and_texts_are_read() {
    let recipes = [
        Recipe::new("plus+plus/1.0+3~x"),
        Recipe::new("plain/1.0"),
        Recipe::new("channel/1.0@user/testing"),
        Recipe::new("UPPER/1.0@Somebody"),
        Recipe::new("dots.and_bars-/2024.01.02.3"),
        Recipe::new("chinese/1.0@sifli").description("温湿度传感器驱动"),
        Recipe::new("windows/1.0").conanfile(
            "\u{feff}from conan import ConanFile\r\n\r\nclass A(ConanFile):\r\n    \
             name = \"windows\"\r\n    description = \"Lines of Windows\"\r\n",
        ),
    ];
    for arrange in [|_: &mut super::scene::Wanted| {}, by_query] {
        let scene = Scene::with(recipes.clone(), arrange).await;
        assert_eq!(scene.shown().await.len(), recipes.len());
        scene.assert_succeeds(0).await;
        scene.server.remove("plus+plus/1.0+3~x");
        scene.assert_succeeds(0).await;
        scene.assert_current().await;
        scene.close().await;
    }
}

#[tokio::test]
async fn a_source_is_found_however_its_address_is_written() {
    for context in ["/artifactory", "", "/behind/a/proxy/artifactory"] {
        for end in ["", "/", "/api/conan/conan-local", "/api/conan/conan-local/"] {
            let server = Artifactory::builder().context(context).start().await;
            for recipe in few() {
                server.add(&recipe);
            }
            let url = format!("{}{end}", server.url());
            let what = url.clone();
            let scene = Scene::at(server, |wanted| wanted.url = Some(url)).await;
            let task = scene.sync().await;
            assert_eq!(task.state, TaskState::Success, "{what}: {task:?}");
            scene.assert_current().await;
            scene.close().await;
        }
    }
    // Without the context path that it has.
    let server = Artifactory::start(few()).await;
    let url = format!("http://{}", server.address());
    let scene = Scene::at(server, |wanted| wanted.url = Some(url)).await;
    scene.assert_succeeds(0).await;
    scene.assert_current().await;
    // It was looked for, so something was asked that is not there.
    scene.server.forget();
    scene.close().await;
}
