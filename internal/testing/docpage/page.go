// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package docpage reads the project's Markdown pages for the tests that check them: code
// blocks, links and headings. A [Checker] type-checks the Go blocks.
package docpage

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Page is a Markdown file.
type Page struct {
	Path    string
	Blocks  []Block
	Links   []Link
	Anchors map[string]bool // Of the headings, as GitHub makes them.
	Prose   string          // Everything outside of the code blocks.
}

// A Block is a fenced code block.
type Block struct {
	Line     int // Of the first line of its text.
	Language string
	Text     string
}

// A Link is a link to another page or heading. Links to other hosts are left out.
type Link struct {
	Line         int
	File, Anchor string // File is a path, joined with the page's directory; either may be empty.
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	notInID  = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
	codeSpan = regexp.MustCompile("`[^`]*`")
)

// Read reads a page.
func Read(path string) (Page, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Page{}, err
	}
	p := Page{Path: path, Anchors: make(map[string]bool)}
	var prose strings.Builder
	var block *Block
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		language, fence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case fence && block == nil:
			block = &Block{Line: number + 1, Language: language}
		case fence:
			p.Blocks = append(p.Blocks, *block)
			block = nil
		case block != nil:
			block.Text += line
		default:
			prose.WriteString(line)
			p.heading(line)
			p.links(number, line)
		}
	}
	p.Prose = prose.String()
	return p, nil
}

func (p *Page) heading(line string) {
	text := strings.TrimLeft(line, "#")
	if len(text) == len(line) || !strings.HasPrefix(text, " ") {
		return
	}
	id := strings.ToLower(notInID.ReplaceAllString(strings.TrimSpace(text), ""))
	p.Anchors[strings.ReplaceAll(id, " ", "-")] = true
}

func (p *Page) links(number int, line string) {
	for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, "``"), -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		file, anchor, _ := strings.Cut(m[1], "#")
		if file != "" {
			file = filepath.Join(filepath.Dir(p.Path), filepath.FromSlash(file))
		}
		p.Links = append(p.Links, Link{Line: number, File: file, Anchor: anchor})
	}
}
