package dev.millrace.lab.bench;

/** What the reports have in common that are pages. */
public final class Html {
    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>%1$s</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; color: #222b35; max-width: 1180px; margin: 2em auto; padding: 0 1em; }
            h1 { font-size: 1.6em; margin-bottom: 0; } h2 { font-size: 1.2em; margin-top: 2em; }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%%, 440px), 1fr)); gap: 12px; }
            .charts svg { width: 100%%; max-width: 640px; height: auto; border: 1px solid #e3e7eb; border-radius: 6px; }
            .wide { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%%; font-size: 14px; }
            th, td { padding: .35em .6em; text-align: right; border-bottom: 1px solid #e3e7eb; white-space: nowrap; }
            th { white-space: normal; vertical-align: bottom; }
            th:first-child, td:first-child, td.text { text-align: left; }
            td.text { white-space: normal; }
            .small { color: #5b6875; font-size: 14px; }
            </style>
            </head>
            <body>
            <h1>%1$s</h1>
            """;

    private Html() {}

    /** All before the first paragraph. */
    public static String head(String title) {
        return HEAD.formatted(title);
    }

    public static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
