/** Where metrics are served unless the user says otherwise. A leaf, so that `--help` needs no server. */
export const METRICS_DEFAULT = '127.0.0.1:9464'
