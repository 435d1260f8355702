# The number of errors of each component, highest first.
#
#   jq -nc -f errors_by_component.jq app.log
reduce (inputs | select(.level | startswith("ERROR"))) as $line ({}; .[$line.component // $line.module] += 1)
| to_entries | sort_by(-.value, .key)[] | {component: .key, errors: .value}
