import { describe, expect, test } from "@jest/globals";
import { plainText, textOfHtml } from "../../../../scripts/lib/sources/freshchat/html.ts";
import { textOfParts } from "../../../../scripts/lib/sources/freshchat/text.ts";

const text = (content: unknown) => ({ text: { content } });

describe("The parts of a message as text", () => {
  test.each([
    { kind: "text", parts: [text("hi")], reads: "hi" },
    { kind: "several texts", parts: [text("one"), text("two")], reads: "one\ntwo" },
    {
      kind: "an e-mail",
      parts: [{ email: { subject: "Re: A", content: "<p>one</p><p>two</p>" } }],
      reads: "Re: A\none\ntwo",
    },
    { kind: "an e-mail without subject", parts: [{ email: { content: "plain" } }], reads: "plain" },
    { kind: "an image", parts: [{ image: { url: "https://example.test/1.png" } }], reads: "[image]" },
    { kind: "a file", parts: [{ file: { name: "a.pdf", url: "https://example.test/a" } }], reads: "[file: a.pdf]" },
    { kind: "a file without name", parts: [{ file: { url: "https://example.test/a" } }], reads: "[file]" },
    { kind: "a video", parts: [{ video: {} }], reads: "[video]" },
    { kind: "a link", parts: [{ url_button: { label: "Pay", url: "https://example.test" } }], reads: "[button: Pay]" },
    { kind: "a quick reply", parts: [{ quick_reply_button: { label: "Yes", payload: "y" } }], reads: "[button: Yes]" },
    { kind: "a callback", parts: [{ callback: { label: "Call me", payload: "c" } }], reads: "[button: Call me]" },
    { kind: "a reference", parts: [{ reference: { label: "Shoes", reference_id: "7" } }], reads: "[button: Shoes]" },
    { kind: "an unknown kind", parts: [{ hologram: { url: "x" } }], reads: "[unknown part: hologram]" },
    {
      kind: "a part of another shape",
      parts: [text(7), "text", null],
      reads: "[unknown part: text]\n[unknown part]\n[unknown part]",
    },
    { kind: "the name of an inherited function", parts: [{ constructor: {} }], reads: "[unknown part: constructor]" },
    { kind: "nothing to read", parts: [text("  ")], reads: "[no text]" },
    { kind: "text beside an image", parts: [text("look"), { image: {} }], reads: "look\n[image]" },
  ])("$kind: $reads", ({ parts, reads }) => {
    expect(textOfParts(parts)).toBe(reads);
  });

  test("are read at every depth, in their order", () => {
    const yes = { quick_reply_button: { label: "Yes" } };
    const card = { collection: { sub_parts: [{ image: {} }, text("Shoes"), { collection: { sub_parts: [yes] } }] } };
    const template = {
      template_content: { type: "carousel", sections: [{ name: "cards", parts: [card] }, { name: "odd" }] },
    };
    expect(textOfParts([text("choose"), template])).toBe("choose\n[image]\nShoes\n[button: Yes]\n[unknown part]");
  });
});

describe("HTML", () => {
  test.each([
    ["Tom &amp; Anna &lt;3 &#8364; &#x20AC; &hellip;", "Tom & Anna <3 € € …"],
    ["a < b and c > d, x <3, List<String>, <unknown>", "a < b and c > d, x <3, List<String>, <unknown>"],
    ["one<br>two<br/><br />four", "one\ntwo\n\nfour"],
    ["<div>one</div><div class='x'>two</div>", "one\ntwo"],
    ['<b>bold</b> and <a href="https://example.test">a link</a>', "bold and a link"],
    ["keeps its\n\n\n\nlines, and  blanks", "keeps its\n\n\n\nlines, and  blanks"],
    ["&lt;b&gt; stays, once: &amp;amp;", "<b> stays, once: &amp;"],
    ["&nosuch; &#0; &#xD800; &#x110000; & alone", "&nosuch; &#0; &#xD800; &#x110000; & alone"],
    ["before<!-- <p>never</p> -->after", "beforeafter"],
    ["<!-- never closed", "<!-- never closed"],
    ["<SCRIPT>alert(1)</SCRIPT>shown<style>p { }</style>", "shown"],
    ["<script>never closed", "never closed"],
  ])("%j reads %j", (html, text) => {
    expect(plainText(html)).toBe(text);
  });

  test("in an e-mail has white space that means nothing", () => {
    expect(
      textOfHtml(
        "<html>\n  <head><title>no</title></head>\n <body>\n  <p>Dear\n  Ada,</p>\n  <ul><li>a</li>\n<li>b</li></ul>",
      ),
    ).toBe("Dear Ada,\na\nb");
    expect(textOfHtml("no tag:\n  lines stay")).toBe("no tag:\n  lines stay");
  });

  test.each(["<!--", "<a ", "<script>", "<", "&", "<p><b>", "<!doctype ", " ", "\n", " \n"])(
    "of 500 kB of %j is read in a second of processor time",
    (piece) => {
      const html = `<b>${piece.repeat(500_000 / piece.length)}x`;
      const begun = process.cpuUsage();
      textOfHtml(html);
      const { user, system } = process.cpuUsage(begun);
      expect((user + system) / 1_000).toBeLessThan(1_000);
    },
  );
});
