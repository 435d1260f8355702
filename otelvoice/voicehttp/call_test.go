// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A request that the program cancels is not an error, wherever it is cancelled and whatever error
// the client returns. A request that times out is an error.
func TestCutRequests(t *testing.T) {
	hangUp := errors.New("the user hung up")
	for _, tt := range []struct {
		name   string
		cancel func(context.CancelCauseFunc)
		want   string // Outcome and error class.
	}{
		{"a barge-in", func(cancel context.CancelCauseFunc) { cancel(otelvoice.ErrInterrupted) }, "interrupted -"},
		{"a barge-in, wrapped", func(cancel context.CancelCauseFunc) { cancel(errors.Join(hangUp, otelvoice.ErrInterrupted)) }, "interrupted -"},
		{"a cancellation", func(cancel context.CancelCauseFunc) { cancel(nil) }, "abandoned -"},
		{"a cancellation with a cause", func(cancel context.CancelCauseFunc) { cancel(hangUp) }, "abandoned -"},
	} {
		for _, at := range []string{"before the response", "inside the body", "inside the body, which is closed"} {
			t.Run(tt.name+" "+at, func(t *testing.T) {
				if strings.HasSuffix(at, "closed") && tt.want != "interrupted -" {
					t.Skip("a body that is closed early is no cancellation")
				}
				asked, release := make(chan struct{}), make(chan struct{})
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if at != "before the response" {
						_, _ = io.WriteString(w, "half")
						_ = http.NewResponseController(w).Flush()
					}
					close(asked)
					<-release
				}))
				defer s.Close()
				defer close(release)
				tel, rec := voicetest.Setup(t)
				base := &http.Transport{}
				defer base.CloseIdleConnections()
				client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, base)}
				ctx, cancel := context.WithCancelCause(t.Context())
				go func() {
					<-asked
					if at == "before the response" {
						tt.cancel(cancel)
					}
				}()
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(req)
				if err == nil {
					_, err = io.ReadFull(res.Body, make([]byte, 4))
					if err != nil {
						t.Fatal(err)
					}
					tt.cancel(cancel)
					if !strings.HasSuffix(at, "closed") {
						_, err = io.ReadAll(res.Body)
					}
					_ = res.Body.Close()
				}
				if err == nil && !strings.HasSuffix(at, "closed") {
					t.Fatal("the request was not cut")
				}
				span := rec.Spans()[0]
				if got := outcome(span.Attributes()); got != tt.want || span.Status().Code != codes.Unset {
					t.Errorf("got %s, %v; want %s", got, span.Status(), tt.want)
				}
				if at == "before the response" {
					if says := clientSays(t, rec); len(says) != 1 || says[0] != tt.want {
						t.Errorf("the metric says %q, want %q", says, tt.want)
					}
				}
			})
		}
	}
}

func outcome(attrs []attribute.KeyValue) string {
	set := attribute.NewSet(attrs...)
	parts := []string{"-", "-"}
	for i, key := range []attribute.Key{semconv.VoiceHTTPOutcomeKey, semconv.ErrorTypeKey} {
		if v, ok := set.Value(key); ok {
			parts[i] = v.String()
		}
	}
	return strings.Join(parts, " ")
}

func clientSays(t *testing.T, rec *voicetest.Recorder) (says []string) {
	t.Helper()
	data, _ := rec.Metric("http.client.request.duration")
	h, _ := data.(metricdata.Histogram[float64])
	for _, p := range h.DataPoints {
		says = append(says, outcome(p.Attributes.ToSlice()))
	}
	return says
}

// A failed request has an error class on the span and in the metric.
func TestFailedRequests(t *testing.T) {
	for _, tt := range []struct {
		name string
		base roundTrip
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want string
	}{
		{name: "a status", base: func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusTooManyRequests, Body: http.NoBody, Request: r}, nil
		}, want: "- 429"},
		{name: "out of time", base: func(r *http.Request) (*http.Response, error) {
			return nil, r.Context().Err()
		}, ctx: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, -1) }, want: "- timeout"},
		{name: "nothing", base: func(*http.Request) (*http.Response, error) { return nil, nil }, want: "- *errors.errorString"},
		{name: "a body cut off", base: func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(failing{}), Request: r}, nil
		}, want: "- unexpected_eof"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx := t.Context()
			if tt.ctx != nil {
				var cancel context.CancelFunc
				ctx, cancel = tt.ctx(ctx)
				defer cancel()
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := voicehttp.Transport(tel.Telemetry, tt.base).RoundTrip(req)
			if err == nil {
				_, _ = io.ReadAll(res.Body)
				_ = res.Body.Close()
			}
			span := rec.Spans()[0]
			got := outcome(span.Attributes())
			if tt.name == "nothing" { // Whatever its class is.
				got = tt.want
			}
			if got != tt.want || span.Status().Code != codes.Error {
				t.Errorf("got %s, %v; want %s", got, span.Status(), tt.want)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// attempt is one request that a client sends.
type attempt struct {
	path, header, value string
	status              int // The response's status; 0 for no response.
}

// broken is the status of a response whose body is cut off.
const broken = -1

// Resends are recorded on the span of each request, on the stage, its log line and in the metric,
// whether or not the SDK reports them.
func TestResends(t *testing.T) {
	stainless := "X-Stainless-Retry-Count"
	for _, tt := range []struct {
		name     string
		attempts []attempt
		want     string // The spans' counts, "-" for none.
		resends  int64
	}{
		{"once", []attempt{{"/chat", "", "", 200}}, "-", 0},
		{"OpenAI's SDK", []attempt{{"/chat", stainless, "0", 429}, {"/chat", stainless, "1", 500}, {"/chat", stainless, "2", 200}}, "- 1 2", 2},
		{"Amazon's SDK", []attempt{{"/chat", "Amz-Sdk-Request", "attempt=1; max=3", 500}, {"/chat", "Amz-Sdk-Request", "attempt=2; max=3", 200}}, "- 1", 1},
		{"Google's SDK", []attempt{{"/chat", "X-Goog-Api-Client", "gl-go/1.26.0 gccl-attempt-count/1 gccl/1", 503}, {"/chat", "X-Goog-Api-Client", "gl-go/1.26.0 gccl-attempt-count/2", 200}}, "- 1", 1},
		{"an SDK that says nothing, after statuses", []attempt{{"/chat", "", "", 503}, {"/chat", "", "", 429}, {"/chat", "", "", 200}}, "- 1 2", 2},
		{"an SDK that says nothing, after an error", []attempt{{"/chat", "", "", 0}, {"/chat", "", "", 200}}, "- 1", 1},
		{"after a body that broke off", []attempt{{"/chat", "", "", broken}, {"/chat", "", "", 200}}, "- 1", 1},
		{"the same again after a success", []attempt{{"/speech", "", "", 200}, {"/speech", "", "", 200}}, "- -", 0},
		{"another after a failure", []attempt{{"/chat", "", "", 500}, {"/other", "", "", 200}}, "- -", 0},
		{"after a refusal", []attempt{{"/chat", "", "", 401}, {"/chat", "", "", 200}}, "- -", 0},
		{"no count", []attempt{{"/chat", stainless, "many", 200}, {"/chat", stainless, "-1", 200}, {"/chat", stainless, "99999999", 200}}, "- - -", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			sent := 0
			transport := voicehttp.Transport(tel.Telemetry, roundTrip(func(r *http.Request) (*http.Response, error) {
				a := tt.attempts[sent]
				sent++
				if a.status == 0 {
					return nil, io.ErrUnexpectedEOF
				}
				if a.status == broken {
					return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(failing{}), Request: r}, nil
				}
				return &http.Response{StatusCode: a.status, Body: http.NoBody, Request: r}, nil
			}))
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			ctx, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
			for _, a := range tt.attempts {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.example"+a.path, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				if a.header != "" {
					req.Header.Set(a.header, a.value)
				}
				if res, err := transport.RoundTrip(req); err == nil {
					_, _ = io.ReadAll(res.Body)
					_, _ = io.ReadAll(res.Body)
					_ = res.Body.Close()
				}
			}
			llm.End(nil)
			turn.End()
			session.End()
			var got []string
			for _, span := range rec.Named("POST") {
				n := value(span, semconv.HTTPRequestResendCountKey)
				if n == "" {
					n = "-"
				}
				got = append(got, n)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("resend counts %q, want %s", got, tt.want)
			}
			stage := rec.Named("chat gpt-4o-mini")[0]
			set := attribute.NewSet(stage.Attributes()...)
			if n, ok := set.Value(semconv.VoiceStageResendsKey); ok != (tt.resends > 0) || ok && n.AsInt64() != tt.resends {
				t.Errorf("the stage says %v, want %d", n.AsInt64(), tt.resends)
			}
			var counted int64
			if data, ok := rec.Metric("voice.stage.resend.count"); ok {
				sum, _ := data.(metricdata.Sum[int64])
				for _, p := range sum.DataPoints {
					counted += p.Value
				}
			}
			if counted != tt.resends {
				t.Errorf("the metric says %d, want %d", counted, tt.resends)
			}
			lines, err := rec.Lines()
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				if line["message"] != "llm completed" {
					continue
				}
				extra, _ := line["extra_data"].(map[string]any)
				if n, _ := extra["voice.stage.resends"].(float64); int64(n) != tt.resends {
					t.Errorf("the line says %v, want %d", extra["voice.stage.resends"], tt.resends)
				}
			}
		})
	}
}

// A redirect is a resend, but a stage does not count it.
func TestRedirectsAreResends(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/aa" {
			http.Redirect(w, r, r.URL.Path+"a", http.StatusFound)
		}
	}))
	defer s.Close()
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{})}
	ask(t, t.Context(), client, s.URL+"/")
	var got []string
	for _, span := range rec.Spans() {
		got = append(got, value(span, semconv.HTTPRequestResendCountKey))
	}
	if strings.Join(got, ",") != ",1,2" {
		t.Errorf("resend counts %q", got)
	}
}

// The size of a request is recorded when its body is closed, however often the body was read.
func TestRequestSize(t *testing.T) {
	for _, tt := range []struct {
		name string
		base roundTrip
		want int64
	}{
		{"none read", func(r *http.Request) (*http.Response, error) { return nil, r.Body.Close() }, 0},
		{"read", func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			return nil, errors.Join(io.EOF, r.Body.Close(), r.Body.Close())
		}, 5},
		{"read again", func(r *http.Request) (*http.Response, error) {
			_, _ = io.CopyN(io.Discard, r.Body, 3)
			_ = r.Body.Close()
			again, err := r.GetBody()
			if err != nil {
				return nil, err
			}
			_, _ = io.Copy(io.Discard, again)
			return nil, errors.Join(io.EOF, again.Close())
		}, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example/", strings.NewReader("audio"))
			if err != nil {
				t.Fatal(err)
			}
			if res, err := voicehttp.Transport(tel.Telemetry, tt.base).RoundTrip(req); err == nil && res != nil {
				_ = res.Body.Close()
			}
			data, _ := rec.Metric("http.client.request.body.size")
			h, _ := data.(metricdata.Histogram[int64])
			if len(h.DataPoints) != 1 || h.DataPoints[0].Count != 1 || h.DataPoints[0].Sum != tt.want {
				t.Errorf("got %+v, want one of %d", h.DataPoints, tt.want)
			}
		})
	}
}
