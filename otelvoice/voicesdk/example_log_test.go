// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// setup calls Setup with the given options and enables log lines only.
func setup(opts ...voicesdk.Option) *voicesdk.SDK {
	tel, err := voicesdk.Setup(context.Background(), append(opts, voicesdk.WithoutGlobals())...)
	if err != nil {
		panic(err)
	}
	return tel
}

func ExampleWithLogConfig() {
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	tel := setup(voicesdk.WithLogConfig(voicesdk.LogConfig{
		Level:       slog.LevelInfo,
		Output:      []voicesdk.LogOutput{voicesdk.OutputFile},
		File:        dir + "/agent.log",
		MaxFileSize: new(int64(50 << 20)),
		BackupCount: new(10),
	}))
	tel.Logger("voice.stt").Info("ready")
	if err := tel.Shutdown(context.Background()); err != nil {
		panic(err)
	}
	text, err := os.ReadFile(dir + "/agent.log")
	if err != nil {
		panic(err)
	}
	var line struct{ Level, Module, Message string }
	fmt.Println(json.Unmarshal(text, &line), line.Level, line.Module, line.Message)
	for _, setting := range tel.Config() {
		if setting.Key == "max_file_size" || setting.Key == "level" {
			fmt.Println(setting.Key, setting.Value, setting.Origin)
		}
	}
	// Output:
	// <nil> INFO voice.stt ready
	// level INFO option
	// max_file_size 50MB option
}

func ExampleSDK_LevelHandler() {
	tel := setup(voicesdk.WithoutConsole())
	defer func() { _ = tel.Shutdown(context.Background()) }()
	admin := httptest.NewServer(tel.LevelHandler()) // Serve it on an internal address.
	defer admin.Close()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPut, admin.URL,
		strings.NewReader(`{"level":"DEBUG","module":"voice.stt"}`))
	if err != nil {
		panic(err)
	}
	resp, err := admin.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	level, modules := tel.Levels()
	fmt.Println(level, modules)
	// Output: INFO map[voice.stt:DEBUG]
}
