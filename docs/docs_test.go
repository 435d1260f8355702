// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package docs_test checks the pages of this directory and the project's other Markdown pages:
// their code compiles, their commands and links lead somewhere, and the names in them exist.
package docs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/docpage"
	"github.com/voice-agents/telemetry/redact"
)

const root = ".."

// pages returns the README and the pages of this directory.
func pages(t *testing.T) []docpage.Page {
	t.Helper()
	return read(t, append([]string{root + "/README.md"}, glob(t, "*.md")...)...)
}

func glob(t *testing.T, patterns ...string) (files []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no file matches %s (%v)", pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

func read(t *testing.T, files ...string) (pages []docpage.Page) {
	t.Helper()
	for _, file := range files {
		page, err := docpage.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	return pages
}

// elsewhere are the packages of other modules, with the test that checks the
// blocks that use them.
var elsewhere = map[string]string{
	"otellivekit.": "e2e/pages/pages_test.go",
	"otelconfig.":  "e2e/pages/pages_test.go",
	"gin.":         "examples/routers/page_test.go",
	"httpClient":   "sdks/page_test.go",
	"speech.":      "sdks/page_test.go",
	"websocket.":   "sdks/page_test.go",
}

func TestGoBlocksCompile(t *testing.T) {
	checker, err := docpage.NewChecker(root, "testdata/prelude.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages(t) {
	blocks:
		for _, block := range page.Blocks {
			if block.Language != "go" {
				continue
			}
			for name, test := range elsewhere {
				if strings.Contains(block.Text, name) {
					if _, err := os.Stat(filepath.Join(root, test)); err != nil {
						t.Errorf("%s:%d: no test checks the block: %v", page.Path, block.Line, err)
					}
					continue blocks
				}
			}
			if err := checker.Check(page.Path, block); err != nil {
				t.Errorf("%v", err)
			}
		}
		for _, name := range names(page.Prose) {
			pkg, member, _ := strings.Cut(name, ".")
			if has, known := checker.Has(pkg, member); known && !has {
				t.Errorf("%s: there is no %s", page.Path, name)
			}
		}
	}
}

var qualified = regexp.MustCompile("`([a-z]+\\.[A-Z]\\w*(?:\\.[A-Z]\\w*)?)[`(]")

// names returns the qualified Go names in the code spans of a text.
func names(prose string) (found []string) {
	for _, m := range qualified.FindAllStringSubmatch(prose, -1) {
		found = append(found, m[1])
	}
	return found
}

// The first program of the README is examples/quickstart, which a test of package examples runs.
func TestFirstProgram(t *testing.T) {
	program, err := os.ReadFile(root + "/examples/quickstart/main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ = bytes.Cut(program, []byte("\n\n")) // Less the licence.
	for _, block := range pages(t)[0].Blocks {
		if block.Language == "go" {
			if block.Text != string(program) {
				t.Errorf("README.md has\n%s\nexamples/quickstart/main.go is\n%s", block.Text, program)
			}
			return
		}
	}
	t.Error("README.md has no Go code")
}

func TestREADMEIsShort(t *testing.T) {
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n > 150 {
		t.Errorf("README.md has %d lines, want 150 at the most: move details to docs", n)
	}
}

// A log line on a page has the fields of jsonlog's golden record, in their order, and
// the table of logging.md has each of them.
func TestLogLines(t *testing.T) {
	golden, err := os.ReadFile(root + "/exporters/jsonlog/testdata/records.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for line := range bytes.Lines(golden) {
		if got := keys(t, line); len(got) > len(fields) {
			fields = got
		}
	}
	logging := read(t, "logging.md")[0]
	for _, field := range fields {
		if !regexp.MustCompile("(?m)^\\|[^|]*`" + field + "`").MatchString(logging.Prose) {
			t.Errorf("logging.md: the table does not have the field %s", field)
		}
	}
	registry, err := os.ReadFile(root + "/semconv/README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, page := range pages(t) {
		for _, block := range page.Blocks {
			if block.Language != "json" {
				continue
			}
			lines++
			next := 0
			for _, key := range keys(t, []byte(block.Text)) {
				i := slices.Index(fields, key)
				if i < next {
					t.Errorf("%s:%d: the field %s is unknown or not in its place", page.Path, block.Line, key)
				}
				next = i
			}
			var line struct {
				Extra map[string]json.RawMessage `json:"extra_data"`
			}
			if err := json.Unmarshal([]byte(block.Text), &line); err != nil {
				t.Errorf("%s:%d: %v", page.Path, block.Line, err)
			}
			for key := range line.Extra {
				if strings.Contains(key, ".") && !strings.Contains(string(registry), "`"+key+"`") {
					t.Errorf("%s:%d: the registry does not have %s", page.Path, block.Line, key)
				}
			}
		}
	}
	if lines == 0 {
		t.Error("no page has a log line")
	}
}

// keys returns the keys of an object in their order.
func keys(t *testing.T, object []byte) (keys []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(object))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		t.Fatalf("%s: not an object (%v)", object, err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatalf("%s: %v", object, err)
		}
	}
	return keys
}

func TestLinksResolve(t *testing.T) {
	files := slices.Concat(glob(t, "*.md", root+"/*.md", root+"/deploy/*.md", root+"/deploy/*/*.md", root+"/semconv/*.md"),
		glob(t, root+"/otellivekit/examples/*/*.md", root+"/e2e/servers/*.md", root+"/testdata/*/*.md"))
	for _, page := range read(t, files...) {
		for _, link := range page.Links {
			to := page
			if link.File != "" {
				info, err := os.Stat(link.File)
				if err != nil {
					t.Errorf("%s:%d: %v", page.Path, link.Line, err)
					continue
				}
				if link.Anchor == "" || info.IsDir() {
					continue
				}
				to = read(t, link.File)[0]
			}
			if !to.Anchors[link.Anchor] {
				t.Errorf("%s:%d: %s has no heading #%s", page.Path, link.Line, to.Path, link.Anchor)
			}
		}
	}
}

// The examples of privacy.md are redacted as the page says.
func TestRedactionExamples(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\|[^|]*\\| `([^`]+)` \\| `([^`]+)` \\|$")
	redactor := redact.New(redact.Default()...)
	examples := row.FindAllStringSubmatch(read(t, "privacy.md")[0].Prose, -1)
	for _, example := range examples {
		if got := redactor.String(example[1]); got != example[2] {
			t.Errorf("%s becomes %s, the page has %s", example[1], got, example[2])
		}
	}
	if len(examples) == 0 {
		t.Error("privacy.md has no examples")
	}
}

// Each LOG_ and OTELVOICE_ variable is in the table of settings.md, and each page is linked
// from the README.
func TestSettingsAndPagesAreListed(t *testing.T) {
	settings, err := os.ReadFile("settings.md")
	if err != nil {
		t.Fatal(err)
	}
	all := pages(t)
	variable := regexp.MustCompile(`\b(?:LOG|OTELVOICE)_[A-Z_]+[A-Z]\b`)
	for _, page := range all {
		text, err := os.ReadFile(page.Path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range variable.FindAllString(string(text), -1) {
			if !strings.Contains(string(settings), "`"+name+"`") {
				t.Errorf("%s: settings.md does not have %s", page.Path, name)
			}
		}
		if page.Path != all[0].Path && !slices.ContainsFunc(all[0].Links, func(l docpage.Link) bool { return filepath.Clean(l.File) == filepath.Join(root, "docs", page.Path) }) {
			t.Errorf("README.md does not link to docs/%s", page.Path)
		}
	}
}

// The commands that need Go alone name packages, flags and files that exist. Those of the command
// otelvoice are run, and answer what the page shows. The others are run by the tests of package
// examples and, where they need servers, by e2e/tour.
func TestCommands(t *testing.T) {
	others := []string{"docker", "curl", "jq", "open", "echo", "grep", "head", "sort", "ID=$(jq"}
	quoted, assignment := regexp.MustCompile(`'[^']*'|"[^"]*"`), regexp.MustCompile(`^[A-Z_]+=[^$]*$`)
	for _, page := range pages(t) {
		for _, block := range page.Blocks {
			if block.Language != "console" {
				continue
			}
			for line := range strings.Lines(block.Text) {
				command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ ")
				if !ok {
					continue
				}
				if strings.Contains(command, "go -C cmd/otelvoice run . ") {
					answers(t, page.Path, block, command)
				}
				for part := range strings.SplitSeq(quoted.ReplaceAllString(command, "''"), " | ") {
					words := strings.Fields(part)
					for len(words) > 1 && assignment.MatchString(words[0]) {
						words = words[1:] // A variable.
					}
					switch {
					case words[0] == "go":
						goCommand(t, page.Path, words[1:])
					case !slices.Contains(others, words[0]):
						t.Errorf("%s:%d: %s: add the program to the test, and a test that runs it", page.Path, block.Line, words[0])
					}
					for _, word := range words {
						if file := strings.Trim(word, "'\""); strings.HasPrefix(file, "deploy/") || strings.HasPrefix(file, "docker-compose") {
							if _, err := os.Stat(filepath.Join(root, file)); err != nil {
								t.Errorf("%s:%d: %v", page.Path, block.Line, err)
							}
						}
					}
				}
			}
		}
	}
}

// answers runs a command from the project's root, and compares its output with the lines that
// follow it in the block.
func answers(t *testing.T, page string, block docpage.Block, command string) {
	t.Helper()
	_, want, _ := strings.Cut(block.Text, "$ "+command+"\n")
	want, _, _ = strings.Cut(want, "$ ")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = root
	got, err := cmd.Output()
	if err != nil || string(got) != want {
		t.Errorf("%s:%d: %s\nprints %q (%v), the page has %q", page, block.Line, command, got, err, want)
	}
}

// goCommand checks what a go command names: module, package and flags.
func goCommand(t *testing.T, page string, args []string) {
	t.Helper()
	dir, shown := root, strings.Join(args, " ")
	if args[0] == "-C" {
		dir, args = filepath.Join(dir, args[1]), args[2:]
	}
	switch args[0] {
	case "run":
	case "get":
		if path, ok := strings.CutPrefix(args[1], "github.com/voice-agents/telemetry"); ok {
			if _, err := os.Stat(filepath.Join(root, path, "go.mod")); err != nil {
				t.Errorf("%s: go %s: %v", page, shown, err)
			}
		}
		return
	default:
		t.Errorf("%s: go %s: add the command to the test", page, shown)
		return
	}
	sources, err := filepath.Glob(filepath.Join(dir, args[1], "*.go"))
	if err != nil || len(sources) == 0 {
		t.Errorf("%s: go %s: %s has no Go files (%v)", page, shown, args[1], err)
		return
	}
	var code bytes.Buffer
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	for _, arg := range args[2:] {
		if strings.HasPrefix(arg, "#") || arg == ">" {
			break
		}
		if flag := strings.TrimLeft(arg, "-"); flag != arg && flag != "" && !strings.Contains(code.String(), `"`+flag+`"`) {
			t.Errorf("%s: go %s: %s has no flag %s", page, shown, args[1], arg)
		}
	}
}
