package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Nodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An input beside the image whose value {@code model.yaml} gives, such as the size that boxes are
 * scaled to. Where its first dimension is the batch, each image gets the same row.
 */
final class ConstantInput {
    private final String name;
    private final DataType type;
    private final TensorShapeProto shape;
    private final boolean batched;
    private final List<Double> values;
    private final Declaration declared;

    /**
     * @param fixedBatch of the image input; 0 where it is open
     */
    ConstantInput(ValueInfoProto input, long fixedBatch, Declaration declared) {
        var tensor = input.getType().getTensorType();
        this.name = input.getName();
        this.type =
                Optional.ofNullable(DataType.forNumber(tensor.getElemType()))
                        .orElse(DataType.UNDEFINED);
        this.shape = tensor.getShape();
        this.values = declared.constants().get(name);
        this.declared = declared;
        long first = shape.getDimCount() > 0 ? shape.getDim(0).getDimValue() : 1;
        this.batched = first <= 0 || shape.getDimCount() > 1 && first == fixedBatch;
        long wanted = 1;
        for (long side : row()) {
            wanted *= side;
        }
        if (values.size() != wanted) {
            throw declared.wrong(
                    "input.constants." + name,
                    values.size() + " numbers",
                    "must be %s, which is what one image takes".formatted(wanted));
        }
    }

    /** The shape without the batch. */
    private List<Long> row() {
        List<Long> row = new ArrayList<>();
        for (int i = batched ? 1 : 0; i < shape.getDimCount(); i++) {
            long side = shape.getDim(i).getDimValue();
            if (side <= 0) {
                throw declared.wrong(
                        "input.constants." + name,
                        name,
                        "has an open dimension beside the batch; export the model with a fixed one");
            }
            row.add(side);
        }
        return row;
    }

    void addTo(Nodes front) {
        List<Long> row = row();
        if (!batched) {
            front.constant(name, name, row, type, values);
            return;
        }
        List<Long> one = new ArrayList<>(List.of(1L));
        one.addAll(row);
        String label = "constant_" + name;
        String value = front.constant(Nodes.PREFIX + label, name, one, type, values);
        String sizes = front.add("Shape", List.of(Graft.INPUT), label + "_sizes");
        String first = front.constant(label + "_first", 0);
        String batch = front.add("Gather", List.of(sizes, first), label + "_batch");
        String target = batch;
        if (!row.isEmpty()) {
            String rest =
                    front.constant(
                            label + "_rest", row.stream().mapToLong(Long::longValue).toArray());
            target =
                    front.add(
                            "Concat",
                            List.of(batch, rest),
                            label + "_shape",
                            Nodes.attribute("axis", 0));
        }
        front.add("Expand", List.of(value, target), List.of(name));
    }
}
