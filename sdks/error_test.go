// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	coder "github.com/coder/websocket"
	deepgram "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces/v1"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/googleapis/gax-go/v2/apierror"
	gorilla "github.com/gorilla/websocket"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	pkgerrors "github.com/pkg/errors" //nolint:depguard // Programs use it.
	goopenai "github.com/sashabaranov/go-openai"
	twilio "github.com/twilio/twilio-go/client"
	"google.golang.org/api/googleapi"
	"google.golang.org/genai"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// refusing returns a status and a body of a vendor for each request.
func refusing(t *testing.T, status int, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func openaiError(t *testing.T, status int) error {
	t.Helper()
	client := openai.NewClient(openaioption.WithAPIKey("k"), openaioption.WithMaxRetries(0),
		openaioption.WithBaseURL(refusing(t, status, `{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}`)))
	_, err := client.Chat.Completions.New(t.Context(), openai.ChatCompletionNewParams{Model: "gpt-4o-mini"})
	return err
}

func anthropicError(t *testing.T, status int) error {
	t.Helper()
	client := anthropic.NewClient(anthropicoption.WithAPIKey("k"), anthropicoption.WithMaxRetries(0),
		anthropicoption.WithBaseURL(refusing(t, status, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`)))
	_, err := client.Messages.New(t.Context(), anthropic.MessageNewParams{Model: "claude-sonnet-4-5", MaxTokens: 1})
	return err
}

func goOpenAIError(t *testing.T, status int, body string) error {
	t.Helper()
	cfg := goopenai.DefaultConfig("k")
	cfg.BaseURL = refusing(t, status, body)
	_, err := goopenai.NewClientWithConfig(cfg).CreateChatCompletion(t.Context(), goopenai.ChatCompletionRequest{Model: "gpt-4o-mini"})
	return err
}

func genaiError(t *testing.T, status int) error {
	t.Helper()
	client, err := genai.NewClient(t.Context(), &genai.ClientConfig{
		APIKey: "k", Backend: genai.BackendGeminiAPI,
		HTTPOptions: genai.HTTPOptions{BaseURL: refusing(t, status, fmt.Sprintf(`{"error":{"code":%d,"message":"m","status":"RESOURCE_EXHAUSTED"}}`, status))},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Models.GenerateContent(t.Context(), "gemini-2.5-flash", genai.Text("hi"), nil)
	return err
}

// closedBy returns the error of a client whose server closes the WebSocket with a code.
func closedBy(t *testing.T, code int, read func(ctx context.Context, url string) error) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&gorilla.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		_ = conn.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(code, "bye"), time.Now().Add(time.Second))
		_ = conn.Close()
	}))
	t.Cleanup(server.Close)
	return read(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"))
}

func readGorilla(ctx context.Context, url string) error {
	conn, response, err := gorilla.DefaultDialer.DialContext(ctx, url, nil)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	defer func() { _ = conn.Close() }()
	_, _, err = conn.ReadMessage()
	return err
}

func readCoder(ctx context.Context, url string) error {
	conn, _, err := coder.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	_, _, err = conn.Read(ctx)
	return err
}

func readGobwas(ctx context.Context, url string) error {
	conn, reader, _, err := ws.Dial(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if reader == nil {
		_, _, err = wsutil.ReadServerData(conn)
		return err
	}
	_, _, err = wsutil.ReadServerData(struct {
		*bytes.Buffer
	}{bytes.NewBuffer(mustPeek(reader.Buffered(), reader.Peek))})
	return err
}

func mustPeek(n int, peek func(int) ([]byte, error)) []byte {
	data, err := peek(n)
	if err != nil {
		panic(err)
	}
	return data
}

// gaxError is what Google's gRPC clients return.
func gaxError(t *testing.T, inner error) error {
	t.Helper()
	err, ok := apierror.FromError(inner)
	if !ok {
		t.Fatalf("no API error: %v", inner)
	}
	return err
}

func answer(status int) *http.Response {
	request, _ := http.NewRequest(http.MethodPost, "https://api.example.com/v1", http.NoBody)
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Request: request, Body: http.NoBody}
}

func awsError(status int) error {
	return &smithy.OperationError{ServiceID: "Polly", OperationName: "SynthesizeSpeech", Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: answer(status)},
			Err:      &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"},
		}, RequestID: "r-1",
	}}
}

func TestErrorType(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"openai-go, 429", openaiError(t, 429), "429"},
		{"openai-go, 503, wrapped", fmt.Errorf("generate: %w", openaiError(t, 503)), "503"},
		{"anthropic-sdk-go, 529", anthropicError(t, 529), "529"},
		{"anthropic-sdk-go, 429, joined", errors.Join(errors.New("gave up"), anthropicError(t, 429)), "429"},
		{"go-openai, 429", goOpenAIError(t, 429, `{"error":{"message":"slow down","code":"rate_limit_exceeded"}}`), "429"},
		{"go-openai, 502 of a proxy", goOpenAIError(t, 502, `<html>Bad Gateway</html>`), "502"},
		{"genai, 429", genaiError(t, 429), "429"},
		{"genai, 503, a pointer", &genai.APIError{Code: 503, Status: "UNAVAILABLE"}, "503"},
		{"googleapi", &googleapi.Error{Code: 403, Message: "forbidden"}, "403"},
		{"gax of HTTP", gaxError(t, &googleapi.Error{Code: 503}), "503"},
		{"gax of gRPC", gaxError(t, status.Error(codes.ResourceExhausted, "quota")), "RESOURCE_EXHAUSTED"},
		{"gRPC, unavailable", status.Error(codes.Unavailable, "no connection"), "UNAVAILABLE"},
		{"gRPC, deadline, wrapped", fmt.Errorf("recognise: %w", status.Error(codes.DeadlineExceeded, "late")), "DEADLINE_EXCEEDED"},
		{"gRPC, canceled, which is no failure", status.Error(codes.Canceled, "gone"), ""},
		{"gRPC, a code of its own", status.Error(codes.Code(4242), "?"), "UNKNOWN"},
		{"Connect", connect.NewError(connect.CodeUnavailable, errors.New("down")), "UNAVAILABLE"},
		{"AWS", awsError(429), "429"},
		{"AWS, in an event stream", &smithy.OperationError{Err: &smithy.GenericAPIError{Code: "LimitExceededException"}}, "LimitExceededException"},
		{"Azure", &azcore.ResponseError{StatusCode: 401, ErrorCode: "InvalidKey", RawResponse: answer(401)}, "401"},
		{"Deepgram", &deepgram.StatusError{Resp: answer(402), DeepgramError: &deepgram.DeepgramError{ErrCode: "ASR_PAYMENT_REQUIRED"}}, "402"},
		{"Twilio, whose code is another number", &twilio.TwilioRestError{Code: 20429, Status: 429, Message: "too many"}, "429"},
		{"gorilla", closedBy(t, 1011, readGorilla), "1011"},
		{"gorilla, of a vendor", closedBy(t, 4008, readGorilla), "4008"},
		{"coder", closedBy(t, 1013, readCoder), "1013"},
		{"gobwas", closedBy(t, 1008, readGobwas), "1008"},
		{"gobwas, refused upgrade", ws.StatusError(429), "429"},
		{"pkg/errors has no class", pkgerrors.New("lost"), "_OTHER"},
		{"pkg/errors around a status", pkgerrors.Wrap(openaiError(t, 500), "generate"), "500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := recorded(t, tt.err); got != tt.want {
				t.Errorf("error.type is %q, want %q, of %T: %v", got, tt.want, tt.err, tt.err)
			}
		})
	}
}

// An error that is a slog.LogValuer, such as that of openai-go, is the exception of its record.
func TestException(t *testing.T) {
	var lines bytes.Buffer
	tel := setup(t, &lines)
	tel.Logger("m").Error("generation failed", "error", openaiError(t, 429))
	var line struct {
		Exception struct{ Type, Message string } `json:"exception"`
	}
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Exception.Type != "*apierror.Error" || !strings.Contains(line.Exception.Message, "429 Too Many Requests") {
		t.Errorf("got %s", lines.String())
	}
}

func setup(t *testing.T, lines *bytes.Buffer) *otelvoice.Telemetry {
	t.Helper()
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(lines))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tel.Shutdown(context.WithoutCancel(t.Context())) })
	return tel.Telemetry
}

// recorded returns the error.type in the log line of an operation.
func recorded(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	var lines bytes.Buffer
	_, op := setup(t, &lines).StartOperation(t.Context(), "call vendor")
	op.End(err)
	for line := range strings.Lines(lines.String()) {
		var got struct {
			Extra map[string]any `json:"extra_data"`
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if class, ok := got.Extra["error.type"].(string); ok {
			return class
		}
	}
	return ""
}
