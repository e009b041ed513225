//! What a document says controls no terminal and no mail of those who hear of it.

use goldsmith_tests::{Documents, Factory};

/// Colours, a cleared screen, text from right to left, a line of its own, and what nobody sees.
const HOSTILE: &str =
    "ami-\u{1b}[2J\u{9b}31m\u{202E}\u{200B}\r\nNothing was changed\u{2028}commit: 0";

#[tokio::test]
async fn a_notification_has_no_character_that_anything_obeys() {
    let good = Documents::of_recipes(["110304"]);
    let factory = Factory::with(&good).await;
    let topic = factory.listen().await;

    factory
        .upload(&good.clone().with_recipe("110304", HOSTILE))
        .await;

    let heard = topic.next().await;
    let message = &heard.first().expect("a notification").message;
    let hidden = |c: char| c.is_control() && c != '\n' || "\u{202E}\u{200B}\u{2028}".contains(c);
    assert!(!message.contains(hidden), "{message:?}");
    // The problem is a line, and what we say of it another one: the document has added none.
    let lines: Vec<&str> = message.lines().collect();
    assert!(lines[0].starts_with("ami-versions.json:"), "{message}");
    assert_eq!(
        message.matches("\nNothing was made or changed").count(),
        1,
        "{message}"
    );

    factory.upload(&good).await;
    factory.assert_settled().await;
}
