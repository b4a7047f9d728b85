#include <bits/stdc++.h>

struct Node {
    Node *next;
    char payload[100];
};

int main()
{
    Node *head = nullptr;
    while (true) {
        try {
            Node *node = new Node{head, {}};
            std::memset(node->payload, 1, sizeof node->payload);
            head = node;
        } catch (const std::bad_alloc &) {
        }
        asm volatile("" : : "r"(head) : "memory");
    }
}
