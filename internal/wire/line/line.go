package line

import "github.com/voice-agents/telemetry/internal/wire"

func Connection(target *wire.Target, report wire.Report) wire.Connection { return nil }
