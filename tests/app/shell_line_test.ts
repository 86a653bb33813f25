import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { bashReply, programWords, splitLine } from "../../core/app/shell_line.ts";

Deno.test("splitLine() divides a line as a shell does", () => {
  const words = (line: string) => {
    const { words, current } = splitLine(line);
    return [...words, `|${current.text}`];
  };
  deepStrictEqual(words("app x=1 y"), ["app", "x=1", "|y"]);
  deepStrictEqual(words("app x=1  "), ["app", "x=1", "|"]);
  deepStrictEqual(words("app 'a b' \"c $d\" e\\ f"), ["app", "a b", "c $d", "|e f"]);
  deepStrictEqual(words("app '' \"\" x"), ["app", "", "", "|x"]);
  deepStrictEqual(words("app 'it'\\''s' \"a\\\"b\" 'c\\d"), ["app", "it's", 'a"b', "|c\\d"]);
  deepStrictEqual(words(""), ["|"]);
});

Deno.test("splitLine() tells the open quote and what bash leaves alone", () => {
  const current = (line: string) => splitLine(line).current;
  deepStrictEqual(current("app db=my"), { text: "db=my", quote: "", kept: 3 });
  deepStrictEqual(current("app x=http://a"), { text: "x=http://a", quote: "", kept: 7 });
  deepStrictEqual(current("app db@a"), { text: "db@a", quote: "", kept: 2 });
  deepStrictEqual(current("app 'x=1"), { text: "x=1", quote: "'", kept: 0 });
  deepStrictEqual(current('app x="a=b'), { text: "x=a=b", quote: '"', kept: 2 });
  deepStrictEqual(splitLine("app x=1:2", " ").current, { text: "x=1:2", quote: "", kept: 0 });
});

Deno.test("programWords() leaves the program out, however it is started", () => {
  const after = (...words: string[]) => programWords(words, (word) => word === "./app.ts");
  deepStrictEqual(after("app", "x=1"), ["x=1"]);
  deepStrictEqual(after("deno", "run", "-A", "./app.ts", "x=1"), ["x=1"]);
  deepStrictEqual(after("./app.ts"), []);
  deepStrictEqual(after("/bin/deno", "run", "-A", "other.ts", "x"), ["x"]);
  strictEqual(after("deno", "run", "-A"), undefined);
  strictEqual(after(), undefined);
});

Deno.test("bashReply() quotes what bash would read specially", () => {
  const reply = (line: string, word: string, isWhole = true) =>
    bashReply(word, isWhole, splitLine(line).current);
  strictEqual(reply("app x=", "x=it's $a (b)"), "it\\'s\\ \\$a\\ \\(b\\) ");
  strictEqual(reply("app ~", "~x"), "\\~x ");
  strictEqual(reply("app 'x=", "x=a b"), "x=a b");
  strictEqual(reply('app "x=', 'x=$a "b"'), 'x=\\$a \\"b\\"');
  strictEqual(reply("app ne", "nest.", false), "nest.");
});
