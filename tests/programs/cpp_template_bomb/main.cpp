template <unsigned long Number, int Depth> struct Node {
    Node<2 * Number, Depth - 1> left;
    Node<2 * Number + 1, Depth - 1> right;
};

template <unsigned long Number> struct Node<Number, 0> {
    char leaf;
};

int main()
{
    return sizeof(Node<1, 30>) == 0;
}
