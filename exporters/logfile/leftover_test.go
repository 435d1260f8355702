// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// Backups beyond LOG_BACKUP_COUNT are removed, and no other files.
func TestBackupsOfAnEarlierSettingAreRemoved(t *testing.T) {
	ours := "app.log app.log.1 app.log.2"
	old := "app.log.3 app.log.4.gz app.log.7 app.log.1000 app.log.9.gz.part app.log.1.gz.part app.log.1.gz.4294967295.part app.log.3.gz.7.part"
	others := "app.log.1001 app.log.20240101 app.log.03 app.log.+3 app.log.-3 app.log.3x app.log.3.bak app.log.gz app.log. app.log.old xapp.log.3 app.logx.3 app.log.3.gz.gz app.log.3.part app.log.3.7.part app.log.1.gz.x.part app.log.1.gz..part app.log.1.gz.4294967296.part App.log.3 other.log.3"
	if runtime.GOOS == "windows" { // Windows treats these names as equal to others.
		others = strings.NewReplacer("app.log. ", "", "App.log.3 ", "").Replace(others)
	}
	for _, tt := range []struct {
		name string
		opts logfile.Options
		want string
	}{
		{"two are kept", logfile.Options{MaxSize: 100, Backups: 2}, ours + " " + others},
		{"none is kept", logfile.Options{MaxSize: 100}, "app.log " + others},
		{"more are kept", logfile.Options{MaxSize: 100, Backups: 1000}, "app.log.3 app.log.4.gz app.log.7 app.log.1000 " + ours + " " + others},
		{"the file is not rotated", logfile.Options{Backups: 2}, ours + " " + old + " " + others},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name := range strings.FieldsSeq(ours + " " + old + " " + others) {
				put(t, filepath.Join(dir, name), "x")
			}
			if err := os.Mkdir(filepath.Join(dir, "app.log.5"), 0o700); err != nil {
				t.Fatal(err)
			}
			open(t, filepath.Join(dir, "app.log"), tt.opts)
			got := map[string]bool{}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				got[e.Name()] = true
			}
			for name := range strings.FieldsSeq(tt.want + " app.log.5") {
				if !got[name] {
					t.Errorf("%s was removed", name)
				}
				delete(got, name)
			}
			for name := range got {
				t.Errorf("%s was not removed", name)
			}
		})
	}
}
