// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	update = flag.Bool("update", false, "write the pictures of the README")
	anew   = flag.Bool("call", false, "record the call that the pictures show anew, from the example agent at life's speed")
)

// recordedCall has the requests by which the example agent sent the call that the pictures show.
var recordedCall = filepath.Join("testdata", "call.jsonl.gz")

// A sent is a request by OTLP over HTTP.
type sent struct {
	Path string
	Body []byte
}

// The pictures of the README show a call of the example agent that was recorded once, in a real viewer. They are
// written with -update. Without it, the test compares them with what the page looks like now.
func TestPicturesOfTheREADME(t *testing.T) {
	if *anew {
		record(t)
	}
	pages, endpoint := view(t)
	replay(t, endpoint)
	for scheme, file := range map[string]string{"light": "call.png", "dark": "call-dark.png"} {
		t.Run(scheme, func(t *testing.T) {
			b := newTab(t, 1200, scheme)
			b.run(emulation.SetTimezoneOverride("UTC"), chromedp.EmulateViewport(1200, 880))
			b.open(pages, "table.calls tbody a")
			id := value[string](b, `document.querySelector("table.calls tbody a").hash.split("/")[2]`)
			b.open(pages+"/#/calls/"+id+"?turn=3", "#details h2")
			b.wait(`document.querySelector(".live.on")`)
			b.run(chromedp.Evaluate(`document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))))`, nil, awaited))
			var picture []byte
			b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
				picture, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatPng).Do(ctx)
				return err
			}))
			compare(t, filepath.Join("..", "..", "..", "..", "..", "docs", file), picture)
		})
	}
}

// compare compares a picture with a file, or writes the file with -update.
func compare(t *testing.T, file string, picture []byte) {
	t.Helper()
	const most = 150_000
	if len(picture) > most {
		t.Errorf("the picture has %d bytes, want %d at most", len(picture), most)
	}
	if *update {
		if err := os.WriteFile(file, picture, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, want := decoded(t, picture), decoded(t, data)
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%s is %v, the page is %v: run make screenshot", file, want.Bounds(), got.Bounds())
	}
	// Other fonts and another version of the browser change some pixels, another page changes many.
	differ, all := 0, 0
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			all++
			if far(got, want, x, y) {
				differ++
			}
		}
	}
	if part := float64(differ) / float64(all); part > 0.12 {
		t.Errorf("%.0f %% of %s is not as the page is now: run make screenshot", part*100, file)
	}
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// far reports whether the colours of a pixel differ by more than a quarter.
func far(a, b image.Image, x, y int) bool {
	r1, g1, b1, _ := a.At(x, y).RGBA()
	r2, g2, b2, _ := b.At(x, y).RGBA()
	for _, c := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}} {
		if max(c[0], c[1])-min(c[0], c[1]) > 0x4000 {
			return true
		}
	}
	return false
}

// replay sends the recorded call to a viewer.
func replay(t *testing.T, endpoint string) {
	t.Helper()
	data, err := os.ReadFile(recordedCall)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(unzipped); ; {
		var s sent
		if err := d.Decode(&s); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+s.Path, bytes.NewReader(s.Body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-protobuf")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", s.Path, res.Status)
		}
	}
}

// record runs the example agent at life's speed, and keeps what it sends.
func record(t *testing.T) {
	t.Helper()
	var mu sync.Mutex
	var file bytes.Buffer
	zipped := gzip.NewWriter(&file)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" && err == nil {
			var unzipped *gzip.Reader
			if unzipped, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
				body, err = io.ReadAll(unzipped)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			err = json.NewEncoder(zipped).Encode(sent{r.URL.Path, body})
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer receiver.Close()
	// Log lines of the program have the paths of its sources on this machine, and are not in the pictures.
	call(t, receiver.URL, []string{"OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none", "OTEL_RESOURCE_ATTRIBUTES=service.version=1.4.0,host.name=agent-1"}, "-calls", "1", "-speed", "1")
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(recordedCall), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recordedCall, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s has %d bytes", recordedCall, file.Len())
}
