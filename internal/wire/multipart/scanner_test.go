// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package multipart_test

import (
	"bytes"
	"fmt"
	stdmultipart "mime/multipart"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/multipart"
)

// parts collects the parts of a body as text.
type parts struct {
	out  []string
	file []byte
}

func (h *parts) File(_ *multipart.Part, p []byte) { h.file = append(h.file, p...) }

func (h *parts) End(part *multipart.Part) {
	value := part.Value
	if part.IsFile {
		value = h.file
	}
	h.out = append(h.out, fmt.Sprintf("%s %q %q %d %q", part.Name, part.FileName, part.ContentType, part.Size, value))
	h.file = nil
}

func scan(contentType, body string, size int) (out []string, complete bool) {
	h := new(parts)
	s := multipart.NewScanner(contentType, h)
	for p := range slices.Chunk([]byte(body), size) {
		p = bytes.Clone(p)
		s.Scan(p)
		clear(p)
	}
	return h.out, s.Complete()
}

const form = "multipart/form-data; boundary=b"

func TestScanner(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for _, tt := range []struct {
		name, body string
		want       []string
		complete   bool
	}{
		{
			"fields and a file", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n" +
				"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--\r\r\n-\r\n--b--\r\n",
			[]string{`model "" "" 9 "whisper-1"`, `file "a.wav" "audio/wav" 12 "RIFF\r\n--\r\r\n-"`},
			true,
		},
		{"a preamble", "ignored --b\r\n--b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--", []string{`x "" "" 1 "1"`}, true},
		{"an empty part", "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--b--", []string{`x "" "" 0 ""`}, true},
		{"an empty part without its line", "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n--b--", []string{`x "" "" 0 ""`}, true},
		{"a part that begins like a delimiter", "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n--a\r\n--b--", []string{`x "" "" 3 "--a"`}, true},
		{"padding after the delimiter", "--b \t\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--", []string{`x "" "" 1 "1"`}, true},
		{"a long value", "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n" + long + "\r\n--b--", []string{fmt.Sprintf(`x "" "" 2000 %q`, long[:512])}, true},
		{"a long header", "--b\r\nX: " + long + "\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--", []string{`x "" "" 1 "1"`}, true},
		{"no header", "--b\r\n\r\n1\r\n--b--", []string{` "" "" 1 "1"`}, true},
		{"an epilogue", "--b\r\n\r\n1\r\n--b--\r\n--b\r\n\r\n2\r\n--b--", []string{` "" "" 1 "1"`}, true},
		{"cut off in a part", "--b\r\n\r\n1\r\n--", nil, false},
		{"no part", "--b--\r\n", nil, true},
		{"empty", "", nil, false},
	} {
		for _, size := range []int{1, 2, 7, 1 << 20} {
			got, complete := scan(form, tt.body, size)
			if !slices.Equal(got, tt.want) || complete != tt.complete {
				t.Errorf("%s in pieces of %d: %q, complete: %v; want %q, %v", tt.name, size, got, complete, tt.want, tt.complete)
			}
		}
	}
}

func TestNewScanner(t *testing.T) {
	for _, contentType := range []string{"", "application/json", "multipart/form-data", "multipart/mixed; boundary=b", "multipart/form-data; boundary=" + strings.Repeat("b", 300)} {
		if multipart.NewScanner(contentType, new(parts)) != nil {
			t.Errorf("%q has a scanner", contentType)
		}
	}
}

// FuzzScanner compares with what package mime/multipart writes.
func FuzzScanner(f *testing.F) {
	f.Add("model", "file", "a.wav", []byte("RIFF\r\n--b"), byte(1))
	f.Add("x", "y", "z", []byte("\r\n--bb--\r\n"), byte(0))
	f.Fuzz(func(t *testing.T, field, file, name string, data []byte, size byte) {
		h := new(parts)
		raw := multipart.NewScanner(form, h)
		for p := range slices.Chunk(data, int(size)+1) { // Bytes that are no form.
			raw.Scan(p)
		}
		if bytes.Contains(data, []byte("\r\n--bb")) || bytes.HasPrefix(data, []byte("--bb")) {
			return
		}
		clean := strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' || r == '"' || r == '\\' {
				return -1
			}
			return r
		}, field+file+name)
		clean = clean[:min(len(clean), 200)]
		var b bytes.Buffer
		w := stdmultipart.NewWriter(&b)
		if err := w.SetBoundary("bb"); err != nil {
			t.Fatal(err)
		}
		if err := w.WriteField(clean, "1"); err != nil {
			t.Fatal(err)
		}
		part, err := w.CreateFormFile(clean, clean)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, complete := scan(w.FormDataContentType(), b.String(), int(size)+1)
		want := []string{fmt.Sprintf("%s %q %q 1 %q", clean, "", "", "1"), fmt.Sprintf("%s %q %q %d %q", clean, clean, "application/octet-stream", len(data), data)}
		if !complete || !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestMemory(t *testing.T) {
	s := multipart.NewScanner(form, new(discard))
	piece := bytes.Repeat([]byte("\r\n--a audio "), 5000)
	s.Scan([]byte("--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n"))
	s.Scan(piece)
	if n := testing.AllocsPerRun(100, func() { s.Scan(piece) }); n > 0 {
		t.Errorf("%v allocations for a piece, want none", n)
	}
}

type discard struct{}

func (*discard) File(*multipart.Part, []byte) {}
func (*discard) End(*multipart.Part)          {}
