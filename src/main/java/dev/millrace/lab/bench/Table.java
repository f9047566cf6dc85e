package dev.millrace.lab.bench;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Function;

/** Writes rows by their columns: as text for a terminal, as a table of a page, as JSON. */
public final class Table {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Table() {}

    /** The headings, then a line per row. */
    public static <T> void print(PrintStream out, List<Column<T>> columns, List<T> rows) {
        out.println(line(columns, Column::terminal));
        rows.forEach(row -> out.println(line(columns, column -> column.text(row))));
    }

    private static <T> String line(List<Column<T>> columns, Function<Column<T>, String> cell) {
        return columns.stream()
                .filter(column -> column.terminal() != null)
                .map(column -> String.format("%" + column.width() + "s", cell.apply(column)))
                .collect(joining(" "));
    }

    /** A table that scrolls by itself; without a head where no column has a title. */
    public static <T> String html(List<Column<T>> columns, List<T> rows) {
        List<Column<T>> shown = columns.stream().filter(column -> column.page() != null).toList();
        StringBuilder table = new StringBuilder("<div class=\"wide\"><table>\n");
        if (shown.stream().anyMatch(column -> !column.page().isEmpty())) {
            row(table, shown, column -> "<th>" + Html.escaped(column.page()) + "</th>");
        }
        rows.forEach(row -> row(table, shown, column -> cell(column, row)));
        return table.append("</table></div>\n").toString();
    }

    /** The columns of the page, as a table of Markdown; the first is text, the others figures. */
    public static <T> String markdown(List<Column<T>> columns, List<T> rows) {
        List<Column<T>> shown = columns.stream().filter(column -> column.page() != null).toList();
        StringBuilder table = new StringBuilder();
        table.append(shown.stream().map(Column::page).collect(joining(" | ", "| ", " |\n")));
        table.append("|---".repeat(shown.size())).append("|\n");
        rows.forEach(
                row ->
                        table.append(
                                shown.stream()
                                        .map(column -> column.text(row))
                                        .collect(joining(" | ", "| ", " |\n"))));
        return table.toString();
    }

    private static <T> void row(
            StringBuilder table, List<Column<T>> shown, Function<Column<T>, String> cell) {
        table.append(shown.stream().map(cell).collect(joining("", "<tr>", "</tr>\n")));
    }

    private static <T> String cell(Column<T> column, T row) {
        String text = column.text(row);
        return (column.markup() ? "<td class=\"text\">" + text : "<td>" + Html.escaped(text))
                + "</td>";
    }

    /** The whole values of one row by name. */
    public static <T> ObjectNode json(List<Column<T>> columns, T row) {
        ObjectNode json = MAPPER.createObjectNode();
        for (Column<T> column : columns) {
            if (column.json() != null) {
                json.set(column.json(), MAPPER.valueToTree(column.value().apply(row)));
            }
        }
        return json;
    }
}
